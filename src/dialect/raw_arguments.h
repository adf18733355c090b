// Arguments of calls that are no JSON object, as a model that was cut off in the middle leaves them.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "json/writer.h"

namespace sluice::dialect {

// {"_raw": …}: what providers take that want an object, and no word is lost.
inline std::string raw_arguments(std::string_view text) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("_raw").text(text).end_object();
  return out;
}

}  // namespace sluice::dialect
