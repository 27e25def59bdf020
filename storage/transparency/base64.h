// Base64 with padding (RFC 4648 §4), strict: one text for one value. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lumbung {

std::string EncodeBase64(std::span<const std::byte> bytes);
// Nothing if it is not exactly what EncodeBase64 writes for some bytes.
std::optional<std::vector<std::byte>> DecodeBase64(std::string_view text);

}  // namespace lumbung
