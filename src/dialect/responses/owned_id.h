// Whose an id of an answer is, told without keeping anything.
//
// Where bytes pass through, an answer keeps the id its provider gave it: the same bytes go to the client, so the id
// cannot name the provider. Where an answer was written here, its id and those of its items are made from the
// exchange's id and can be told from all others; nothing is kept under them.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

namespace sluice::dialect::responses {

// "resp_sluice_EXCHANGE", "msg_sluice_EXCHANGE_2": letters, digits, '_' and '-' only.
std::string made_id(std::string_view prefix, std::string_view exchange_id);
std::string made_id(std::string_view prefix, std::string_view exchange_id, std::size_t index);
bool is_made_id(std::string_view id);

}  // namespace sluice::dialect::responses
