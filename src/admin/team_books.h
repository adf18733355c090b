// The books of one team alone: whose an answer may be about, and what one team's rows add up to.
//
// Thread rule: any thread but a loop: it asks the ledger.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "admin/ask.h"
#include "admin/params.h"

namespace sluice::admin {

inline constexpr std::string_view kOtherTeam = "other_team";

// The team that `team` asks about; of who is of one team alone that one, asked for or not; nothing: it is about all.
// Fault: kForbidden: another team than the own one.
Result<std::optional<std::string>> asked_team(const Ask& ask, const Params& params);

// As Ledger::sums(), of one team. The sums over all and by team are kept for ever; others are added up from the
// rows, kMostTeamRows at most. Faults: those of the ledger, kInvalidRequest where rows of that time may be gone,
// kTooLarge.
Result<std::vector<store::PeriodSum>> team_sums(store::Ledger& ledger, std::string_view team,
                                                const store::SumQuery& query);
inline constexpr std::size_t kMostTeamRows = 100'000;

}  // namespace sluice::admin
