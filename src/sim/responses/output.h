// What an answer says, as items, and the object that holds them.
//
// Thread rule: pure. Source: the provider's published types and answers.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/ask.h"
#include "sim/reply.h"
#include "sim/script.h"
#include "sim/signature.h"

namespace sluice::sim {

enum class Said { kReasoning, kMessage, kCall, kCustomCall };

struct OutputItem {
  Said kind = Said::kMessage;
  std::string id;
  std::string text;     // of a reasoning its summary, of a call its arguments
  std::string name;     // of a call
  std::string call_id;  // of a call
  std::string sealed;   // of reasoning: what signs it; empty when it was not asked for
};

// How an answer ended.
struct Ending {
  std::string status = "completed";
  std::string reason;  // of an incomplete one

  bool failed() const { return status == "failed"; }
};

// By the script's word: a status, or why the answer is incomplete.
Ending ending_of(std::string_view finish_reason);

std::vector<OutputItem> output_of(const Ask& ask, const Reply& reply, const Signature& signature);

// An item before anything is said of it, and after all of it.
boost::json::object begun_item(const OutputItem& item);
boost::json::object whole_item(const OutputItem& item, std::string_view status);

// All of them; the last is as incomplete as the answer.
boost::json::array whole_items(const std::vector<OutputItem>& items, const Ending& ending);

// The part of a message, or of a summary.
boost::json::object part_of(const OutputItem& item, std::string_view text);

// The answer while nothing is said.
boost::json::object begun_response(const Ask& ask, const Signature& signature, std::string_view status);

// The same at its end.
void end_response(boost::json::object& response, boost::json::array output, const Ending& ending,
                  const std::optional<std::string>& usage);

std::string response_usage(const Counts& counts);

}  // namespace sluice::sim
