#include "api/cli/qr_code.h"

#include <qrencode.h>
#include <zlib.h>
#include <array>
#include <cstdint>
#include <memory>

#include "engine/check.h"

namespace lumbung::cli {
namespace {

constexpr size_t kQuietModules = 4;

// Whether a module is dark, with the quiet zone counted in.
bool IsDarkWithin(const QrCode& code, size_t x, size_t y) {
  return x >= kQuietModules && y >= kQuietModules && x < kQuietModules + code.width &&
         y < kQuietModules + code.width && code.IsDark(x - kQuietModules, y - kQuietModules);
}

std::string BigEndian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
  return bytes;
}

// A chunk of a PNG (W3C PNG §5.3): length, type, data, CRC-32 over type and data.
std::string Chunk(std::string_view type, std::string_view data) {
  const std::string body = std::string(type) + std::string(data);
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return BigEndian(static_cast<uint32_t>(data.size())) + body +
         BigEndian(static_cast<uint32_t>(crc));
}

std::string Deflated(const std::string& data) {
  uLongf size = compressBound(data.size());
  std::string out(size, '\0');
  const int result =
      compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                reinterpret_cast<const Bytef*>(data.data()), data.size(), Z_BEST_COMPRESSION);
  LUMBUNG_CHECK(result == Z_OK);
  out.resize(size);
  return out;
}

}  // namespace

absl::StatusOr<QrCode> EncodeQr(std::string_view text) {
  if (text.empty() || text.size() > kMostQrBytes) {
    return absl::InvalidArgumentError("a QR code holds 1 to " + std::to_string(kMostQrBytes) +
                                      " bytes, not " + std::to_string(text.size()));
  }
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> made(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_L),
      QRcode_free);
  if (made == nullptr) return absl::InvalidArgumentError("the text does not fit into a QR code");
  QrCode code{.width = static_cast<size_t>(made->width)};
  for (size_t i = 0; i < code.width * code.width; ++i) {
    code.dark.push_back((made->data[i] & 1) != 0);
  }
  return code;
}

std::string QrForTerminal(const QrCode& code) {
  const size_t width = code.width + 2 * kQuietModules;
  std::string lines;
  for (size_t y = 0; y < width; y += 2) {
    lines += "\x1b[30;107m";  // black on bright white
    for (size_t x = 0; x < width; ++x) {
      const bool upper = IsDarkWithin(code, x, y);
      const bool lower = IsDarkWithin(code, x, y + 1);
      lines += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    lines += "\x1b[0m\n";
  }
  return lines;
}

std::string QrAsPng(const QrCode& code, size_t pixels_per_module) {
  const size_t width = (code.width + 2 * kQuietModules) * pixels_per_module;
  std::string rows;
  for (size_t y = 0; y < width; ++y) {
    std::string row(1 + (width + 7) / 8, '\0');  // filter 0, then a bit a pixel; 1 is white
    for (size_t x = 0; x < width; ++x) {
      if (IsDarkWithin(code, x / pixels_per_module, y / pixels_per_module)) continue;
      row[1 + x / 8] = static_cast<char>(row[1 + x / 8] | 0x80 >> (x % 8));
    }
    rows += row;
  }
  const std::string side = BigEndian(static_cast<uint32_t>(width));
  // One bit of grey a pixel; deflate, no filter, not interlaced.
  const std::string header = side + side + std::string("\x01\x00\x00\x00\x00", 5);
  return "\x89PNG\r\n\x1a\n" + Chunk("IHDR", header) + Chunk("IDAT", Deflated(rows)) +
         Chunk("IEND", "");
}

}  // namespace lumbung::cli
