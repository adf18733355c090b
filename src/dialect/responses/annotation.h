// Sources of a text, as annotations.
//
// Thread rule: pure.
#pragma once

#include <cstddef>
#include <string>

#include "chat/event.h"
#include "json/fwd.h"

namespace sluice::dialect::responses {

// How many characters a text has; one that is written as two halves is one.
std::size_t characters(json::Escaped text);

// The characters of a text that a source is of.
struct Cited {
  std::size_t from = 0;
  std::size_t to = 0;
};
// The annotation on one line: as it came where it is one of this API's, else made. Empty: it names no source.
std::string annotation_of(const chat::Citation& citation, Cited cited, json::Reader& reader);

}  // namespace sluice::dialect::responses
