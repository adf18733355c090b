#include "dialect/image_type.h"

#include <array>

#include "base/text.h"

namespace sluice::dialect {

namespace {

constexpr std::size_t kSeen = 24;  // enough of the base64, with each '/' escaped

}  // namespace

std::string_view image_type(const chat::Media& image) {
  struct Known {
    std::string_view begin;  // in base64
    std::string_view type;
  };
  constexpr std::array<Known, 4> kKnown{
      {{"/9j/", "image/jpeg"}, {"iVBORw0KGgo", "image/png"}, {"R0lGOD", "image/gif"}, {"UklGR", "image/webp"}}};
  const std::string begin = json::plain({image.data.raw.substr(0, kSeen)});
  for (const Known& known : kKnown) {
    if (begin.starts_with(known.begin)) return known.type;
  }
  for (const Known& known : kKnown) {
    if (iequals(image.type.raw, known.type)) return known.type;
  }
  return iequals(image.type.raw, "image/jpg") ? "image/jpeg" : std::string_view();
}

}  // namespace sluice::dialect
