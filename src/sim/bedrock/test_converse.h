// What the tests of Converse share.
//
// Thread rule: one thread.
#pragma once

#include <string>
#include <string_view>

#include "sim/test_peer.h"

namespace sluice::sim {

inline constexpr std::string_view kClaudePath = "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0";
inline constexpr std::string_view kConverseTools =
    R"("toolConfig":{"tools":[{"toolSpec":{"name":"get","inputSchema":{"json":{"type":"object"}}}},)"
    R"({"toolSpec":{"name":"put","inputSchema":{"json":{"type":"object"}}}}]})";
inline constexpr std::string_view kConverseHi = R"({"messages":[{"role":"user","content":[{"text":"hello there"}]}]})";

inline Seen converse(TestSim& sim, std::string_view body, std::string_view script = "{}",
                     std::string_view action = "/converse") {
  return sim.call("POST", std::string(kClaudePath) + std::string(action), body,
                  "x-sim: " + std::string(script) + "\r\n");
}

}  // namespace sluice::sim
