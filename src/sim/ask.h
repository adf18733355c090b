// What a request asks for, read leniently: a wrong type reads as "not there", because strictness is another's job.
//
// Thread rule: plain values; functions are pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/place.h"
#include "sim/shape.h"

namespace boost::json {
class object;
}

namespace sluice::sim {

struct AskedTool {
  std::string name;
  bool custom = false;
};

struct Ask {
  Place place;
  std::string model;
  bool stream = false;
  bool has_stream_options = false;
  bool include_usage = false;
  bool caps_old_way = false;      // max_tokens was sent
  std::string effort;             // reasoning_effort
  std::string unusual;            // temperature or top_p, where it is not 1
  std::int64_t choices = 1;       // `n`
  std::string text;               // the last user text, the prompt or the input
  std::size_t prompt_bytes = 0;   // of all text the model would read
  std::size_t prompt_tokens = 0;  // those that were sent as tokens
  std::vector<AskedTool> tools;
  bool tools_off = false;                           // tool_choice "none"
  bool answers_tool = false;                        // the last message is a tool's result
  std::vector<std::string> inputs;                  // of embeddings and moderations, as JSON text
  std::int64_t dimensions = 0;                      // 0: not said
  std::string format;                               // response_format or encoding_format, when it is a string
  std::optional<Problem> disorder;                  // messages that do not belong together
  std::shared_ptr<const boost::json::object> body;  // the whole of it, for APIs that read it so; never changes
};

}  // namespace sluice::sim
