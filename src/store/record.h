// A row as a record of the journal, and back.
//
//   format u8 (1) · fields, each: key varint (number << 1 | kind) · kind 0: value varint; kind 1: length varint, bytes
//
// Fields that say nothing (0, "", nothing) are left out, unknown ones are skipped: older and newer versions read each
// other's records. Numbers are as each_field() has them; 127 is an attempt, which is fields again. Signed numbers are
// zigzag-encoded. Thread rule: pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/row.h"

namespace sluice::store {

std::string to_record(const ExchangeRow& row);
// The same in parts, behind what is in `out`: first the exchange without its attempts, then each of those.
void append_record(std::string& out, const NewExchangeView& row);
void append_attempt(std::string& out, const AttemptView& attempt);
std::optional<ExchangeRow> from_record(std::string_view record);  // nothing: it is none
// The same as views of the record, into a row that was another's: what it had is gone, its memory is used again. False:
// it is none, and what is in the row now is no matter.
bool read_record(std::string_view record, ExchangeView& row);

}  // namespace sluice::store
