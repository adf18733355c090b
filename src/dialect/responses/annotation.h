// Sources of a text, as annotations.
//
// Thread rule: pure.
#pragma once

#include <string>

#include "chat/cited.h"
#include "chat/event.h"
#include "json/fwd.h"

namespace sluice::dialect::responses {

// The annotation on one line; `of` counts in the text of its part. Those of files are as they came where they are of
// this API, else made. Empty: it names no source.
std::string annotation_of(const chat::Citation& citation, chat::Range of, json::Reader& reader);

}  // namespace sluice::dialect::responses
