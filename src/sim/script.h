// What one request is told to become: a script as a value. docs/simulator.md explains every field.
//
// Thread rule: plain values; parse_script() is pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace sluice::sim {

struct ScriptCall {
  std::string name;
  std::string arguments;  // the text of a JSON object, or whatever the script says
  bool custom = false;    // a call of a custom tool: `arguments` is its input
};

enum class ToolStyle { kFragments, kWhole, kWithFinish, kTogether };
enum class UsageStyle { kSeparate, kFinish, kAlways };
enum class UsageReport { kCounted, kNone, kGiven };
enum class GzipStyle { kOff, kWhole, kEvent };
enum class BreakAt { kAccept, kHead, kBody };
enum class BreakHow { kClose, kReset, kHang, kEnd };

struct Break {
  BreakAt at = BreakAt::kBody;
  std::optional<std::size_t> after;  // content events of a stream, bytes of any other body
  BreakHow how = BreakHow::kClose;
};

struct Script {
  Ms delay{0};
  Ms event_delay{0};
  std::optional<std::size_t> events;
  std::optional<std::string> text;
  std::string nonce;
  std::string reasoning;
  std::string redacted;  // reasoning that comes without its text
  std::vector<ScriptCall> tool_calls;
  ToolStyle tool_style = ToolStyle::kFragments;
  std::string finish_reason;  // empty: by the answer
  UsageReport usage_report = UsageReport::kCounted;
  std::string usage;  // JSON text, with kGiven
  UsageStyle usage_style = UsageStyle::kSeparate;
  int status = 0;  // 0: not said
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> error;  // the text of the body
  bool error_is_object = false;
  bool error_is_enveloped = false;  // {"error": …}
  std::optional<std::size_t> error_after;
  std::optional<std::string> body;
  std::string content_type = "application/json";
  std::optional<std::string> sse;
  std::size_t chunk = 0;  // 0: not cut
  Ms chunk_delay{0};
  std::optional<std::size_t> split;
  std::optional<Break> broken;
  GzipStyle gzip = GzipStyle::kOff;
  std::optional<std::uint64_t> content_length;
  Ms silence{0};  // 0: none
  std::vector<std::string> reject;
  bool no_done = false;
  bool strict = true;
  std::uint64_t times = 0;  // 0: without end
  std::vector<Script> sequence;
};

// Faults: kInvalidRequest naming the field that is unknown or of a wrong type.
Result<Script> parse_script(std::string_view json);

// A script with a path and a model it is for: the body of PUT /_sim/script.
struct Placement {
  std::string path;   // empty: any
  std::string model;  // empty: any
  Script script;
};
Result<Placement> parse_placement(std::string_view json);

}  // namespace sluice::sim
