// The field stream_options: with it usage is asked for on streams, also where the client did not. Some providers refuse
// a request that has it, which is learned from them.
//
// Thread rule: the loop's thread.
#pragma once

#include "dialect/dialect.h"
#include "exchange/exchange.h"

namespace sluice::stage {

using UsageView = dialect::ReadOptions::Usage;

bool takes_stream_options(const Try& t);
// Of bytes that pass through: usage is asked for where the client did not and the provider takes it. A client that did
// not ask does not see it, whoever else did and where the provider tells it unasked.
struct UsageOption {
  UsageView view = UsageView::kShow;
  bool is_added = false;
};
UsageOption usage_option(const Exchange& x, const Try& t);
// The provider may not know the field with which we asked for usage: it is worth asking without, once.
bool may_refuse_stream_options(const Exchange& x, const Try& t, const UsageOption& usage, const Fault& fault);

}  // namespace sluice::stage
