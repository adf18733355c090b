// Any stream: the same events, pieces and fault however it is cut; what is written from its pieces can be read.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/responses/replay_test.h"

namespace {

using namespace sluice;
using namespace sluice::dialect;
using namespace sluice::dialect::responses;
using namespace sluice::dialect::responses::testing;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_usage(const chat::Usage& usage) {
  require(usage.cache_read + usage.cache_write <= usage.input && usage.cache_write_1h <= usage.cache_write);
  require(usage.reasoning <= usage.output);
}

void check_same(const Outcome& a, const Outcome& b) {
  require(a.pieces == b.pieces && a.wire == b.wire && a.kinds == b.kinds && a.complete == b.complete);
  require(a.learned.usage == b.learned.usage && a.learned.finish_reason == b.learned.finish_reason);
  require(a.fault.has_value() == b.fault.has_value() && (!a.fault || a.fault->told == b.fault->told));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  WriteOptions options{.asked_model = "m", .origin = "p", .exchange_id = "x", .stream = true};
  auto writer = server().write_answer(options);
  std::string written;
  const Outcome whole = replay(stream, stream.size() + 1, [&](auto pieces, const chat::Learned& learned) {
    writer->write(pieces, learned, written);
  });
  check_same(replay(stream, 1), whole);
  check_same(replay(stream, 2 + data[0] % 64), whole);
  require(whole.fault || whole.complete);
  check_usage(whole.learned.usage);
  if (whole.fault) {
    writer->fail(*whole.fault, whole.learned, written);
  } else {
    writer->finish(whole.learned, written);
  }
  const Outcome again = replay(written);
  require(!again.fault || again.fault->kind == FaultKind::kProviderError);
  read_whole(stream);
  return 0;
}
