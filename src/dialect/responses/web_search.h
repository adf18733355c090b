// The web_search tool as the value of Field::kWebSearch: the options object that Chat calls web_search_options, with
// what only this API has beside it.
//
//   {"type":"web_search","search_context_size":"low","filters":{…},"user_location":{"type":"approximate","country":"NO"}}
//   {"search_context_size":"low","filters":{…},"user_location":{"type":"approximate","approximate":{"country":"NO"}}}
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/fwd.h"

namespace sluice::dialect::responses {

std::string web_search_options(std::string_view tool, json::Reader& reader);

// The other way. Also takes another API's tool or options: what has no place here is named in `dropped`; `refused` when
// it restricts where is searched.
struct WebSearchTool {
  std::string tool;
  std::vector<std::string> dropped;
  std::string refused;
};
WebSearchTool web_search_tool(std::string_view options, json::Reader& reader);

}  // namespace sluice::dialect::responses
