#include "chat/embed.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/base64.h"
#include "base/digest.h"
#include "base/text.h"

namespace sluice::chat {

static_assert(std::endian::native == std::endian::little, "vectors are coded as this machine holds them");

std::string base64_of(const Embeddings::Vector& vector) {
  if (!vector.base64.empty()) return std::string(vector.base64);
  std::string bytes;
  std::string_view rest = vector.numbers;
  while (!rest.empty()) {
    const auto begin = rest.find_first_of("-0123456789");
    if (begin == std::string_view::npos) break;
    rest.remove_prefix(begin);
    float value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (end == rest.data()) break;
    if (error == std::errc::result_out_of_range) value = 0;
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  }
  return base64(bytes);
}

std::string numbers_of(const Embeddings::Vector& vector) {
  if (vector.base64.empty()) return std::string(vector.numbers);
  const std::string bytes = base64_decode(vector.base64).value_or("");
  std::string out = "[";
  for (std::size_t at = 0; at + sizeof(float) <= bytes.size(); at += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    if (!std::isfinite(value)) value = 0;  // JSON has no word for them
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    if (at > 0) out += ',';
    out.append(text, end);
  }
  return out += ']';
}

}  // namespace sluice::chat
