// The marks reasoning carries, by which it is known again when it comes back.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

namespace sluice::sim::anthropic {

// The signature of a thinking block.
std::string signature_of(std::string_view thinking);

// The data of a redacted_thinking block, and whether some data was made so.
std::string redacted_data(std::string_view thinking);
bool is_redacted_data(std::string_view data);

}  // namespace sluice::sim::anthropic
