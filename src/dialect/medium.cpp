#include "dialect/medium.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "base/base64.h"
#include "base/text.h"
#include "json/escaped.h"

namespace sluice::dialect {

namespace {

constexpr std::size_t kHead = 48;  // bytes: of a WAVE up to the format of its samples

// So many bytes of a file from one on; fewer at its end, none where it is no base64.
std::string bytes_at(std::string_view base64, std::size_t from, std::size_t count) {
  const std::size_t begin = from / 3 * 4;
  if (begin >= base64.size()) return {};
  auto part = base64.substr(begin, (from % 3 + count + 2) / 3 * 4);
  if (part.size() % 4 == 1) part.remove_suffix(1);
  auto bytes = base64_decode(part).value_or("");
  bytes.erase(0, from % 3);
  return bytes.substr(0, count);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t number = 0;
  for (std::size_t i = size; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

// Of samples as they are, at a rate that speech has: a header can claim any rate.
bool is_plain_wave(std::string_view head) {
  if (head.size() < 36 || head.substr(0, 4) != "RIFF" || head.substr(8, 8) != "WAVEfmt ") return false;
  constexpr std::uint32_t kPcm = 1, kFloat = 3, kALaw = 6, kMuLaw = 7, kExtensible = 0xFFFE;
  auto format = number_at(head, 20, 2);
  if (format == kExtensible && head.size() >= 46) format = number_at(head, 44, 2);
  const bool is_plain = format == kPcm || format == kFloat || format == kALaw || format == kMuLaw;
  return is_plain && number_at(head, 24, 4) >= 4'000 && number_at(head, 34, 2) >= 8;
}

// A frame of MPEG layer III; its slowest bit rate is 8 kbit/s. Source: ISO 11172-3, 2.4.1.3; ISO 13818-3.
bool is_mp3_frame(std::string_view bytes) {
  if (bytes.size() < 3) return false;
  const auto second = static_cast<unsigned char>(bytes[1]);
  const auto rate = static_cast<unsigned char>(bytes[2]) >> 4;
  return bytes[0] == '\xFF' && (second & 0xE0) == 0xE0 && (second >> 1 & 3) == 1 && rate != 0 && rate != 15;
}

// Behind a tag, the length of which is four times seven bits. Source: id3.org, ID3v2, 3.1.
bool is_tagged_mp3(std::string_view head, std::string_view base64) {
  if (!head.starts_with("ID3") || head.size() < 10) return false;
  std::size_t length = 0;
  for (const char byte : head.substr(6, 4)) length = length << 7 | (static_cast<unsigned char>(byte) & 0x7F);
  return is_mp3_frame(bytes_at(base64, 10 + length, 4));
}

Medium by_bytes(std::string_view base64) {
  const auto head = bytes_at(base64, 0, kHead);
  auto begins = [&](std::initializer_list<std::string_view> all) {
    return std::ranges::any_of(all, [&](auto one) { return head.starts_with(one); });
  };
  if (begins({"\xFF\xD8\xFF", "\x89PNG", "GIF8"})) return Medium::kImage;
  if (head.starts_with("RIFF") && head.size() >= 12 && head.substr(8, 4) == "WEBP") return Medium::kImage;
  if (is_plain_wave(head) || is_mp3_frame(head) || is_tagged_mp3(head, base64)) return Medium::kAudio;
  // Documents (PDF, ZIP for docx and xlsx, doc, gzip), other sounds and films.
  const bool is_packed =
      begins({"%PDF", "PK\x03\x04", "\xD0\xCF\x11\xE0", "\x1F\x8B", "RIFF", "ID3", "OggS", "fLaC", "\x1A\x45\xDF\xA3"});
  return is_packed || head.substr(std::min<std::size_t>(4, head.size()), 4) == "ftyp" ? Medium::kWindow : Medium::kText;
}

bool is_text_type(std::string_view type) {
  constexpr std::string_view kTexts[] = {"application/json",         "application/xml",        "application/javascript",
                                         "application/x-javascript", "application/typescript", "application/x-python"};
  return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
         std::ranges::find(kTexts, type) != std::end(kTexts);
}

Medium by_type(std::string_view written) {
  const auto type = lower(trim(written.substr(0, written.find(';'))));
  if (type.empty() || is_text_type(type)) return Medium::kText;
  if (type.starts_with("image/")) return Medium::kImage;
  return type.starts_with("audio/") ? Medium::kAudio : Medium::kWindow;
}

}  // namespace

Medium medium_of(std::string_view type, std::string_view base64) {
  if (type.find('\\') != std::string_view::npos) return medium_of(json::plain(json::Escaped{type}), base64);
  if (base64.find('\\') != std::string_view::npos || base64.starts_with(' ')) {
    auto plain = json::plain(json::Escaped{base64});
    std::erase_if(plain, [](char c) { return c == '\\' || static_cast<unsigned char>(c) <= ' '; });
    return medium_of(type, plain);
  }
  const auto said = by_type(type), seen = by_bytes(base64);
  if (said == Medium::kWindow || seen == Medium::kWindow) return Medium::kWindow;
  if (said == Medium::kAudio || seen == Medium::kAudio) return seen == Medium::kAudio ? seen : Medium::kWindow;
  return said == Medium::kImage ? said : seen;
}

Medium medium_of_url(std::string_view url) {
  constexpr std::string_view kData = "data:";
  if (!iequals(url.substr(0, kData.size()), kData)) return Medium::kWindow;
  const auto comma = url.find(',');
  if (comma == std::string_view::npos) return Medium::kText;
  return medium_of(url.substr(kData.size(), comma - kData.size()), url.substr(comma + 1));
}

}  // namespace sluice::dialect
