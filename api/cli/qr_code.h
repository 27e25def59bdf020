// QR codes (ISO/IEC 18004), by libqrencode: as a picture and on a terminal. Pure functions but for
// the file that is written; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung::cli {

// The dark modules of a square, without the quiet zone around it.
struct QrCode {
  size_t width = 0;
  std::vector<bool> dark;  // row by row

  bool IsDark(size_t x, size_t y) const { return dark[y * width + x]; }
};

// As much as the largest code holds of arbitrary bytes, at the lowest level of correction.
inline constexpr size_t kMostQrBytes = 2953;

// INVALID_ARGUMENT if it is empty or too long.
absl::StatusOr<QrCode> EncodeQr(std::string_view text);

// With the quiet zone of 4 modules; two rows a line, in block characters that are the same on a
// dark and on a light terminal by the colours that they ask for.
std::string QrForTerminal(const QrCode& code);
// A PNG file, black on white, with the quiet zone.
std::string QrAsPng(const QrCode& code, size_t pixels_per_module);

}  // namespace lumbung::cli
