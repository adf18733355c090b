#include "sim/delivery.h"

#include <algorithm>
#include <utility>

#include "sim/encode.h"

namespace sluice::sim {

namespace {

constexpr Ms kLongWait{3'600'000};
constexpr Ms kSplitPause{5};  // long enough that the two halves are read apart

bool breaks_at(const Script& script, BreakAt at) {
  return script.broken && script.broken->at == at;
}

std::string gzipped(std::string_view bytes) {
  std::string out;
  Gzip().finish(bytes, out);
  return out;
}

// The ends of the pieces a body is written in.
std::vector<std::size_t> piece_ends(const Script& script, std::size_t size) {
  std::vector<std::size_t> ends;
  for (std::size_t at = script.chunk; script.chunk != 0 && at < size; at += script.chunk) ends.push_back(at);
  if (script.chunk == 0 && script.split && *script.split > 0 && *script.split < size) ends.push_back(*script.split);
  if (size > 0) ends.push_back(size);
  return ends;
}

}  // namespace

Task<bool> Delivery::pause(Ms delay) {
  if (delay.count() == 0) co_return true;
  co_return co_await net::sleep(request_.loop(), delay, request_.cancel());
}

Task<bool> Delivery::write(std::string_view bytes, Outcome close_books) {
  visit_.sent(bytes.size());
  if (close_books != Outcome::kOpen) visit_.settle(close_books);
  auto status = co_await request_.write({&bytes, 1});
  if (!status) visit_.lost();
  co_return status.has_value();
}

Task<void> Delivery::finish_and_close() {
  (void)co_await request_.finish();  // whether the peer is still there or not: the next line ends it
  request_.abort();
}

Task<void> Delivery::break_off() {
  switch (script_.broken->how) {
    case BreakHow::kHang:
      while (co_await pause(kLongWait)) {
      }
      break;
    case BreakHow::kClose:
      visit_.settle(Outcome::kBroken);
      request_.abort();
      break;
    case BreakHow::kReset:
      visit_.settle(Outcome::kBroken);
      request_.reset();
      break;
    case BreakHow::kEnd:
      visit_.settle(Outcome::kBroken);
      if (!request_.started() || !co_await request_.finish()) request_.abort();
      break;
  }
}

Task<void> Delivery::end(Ending ending) {
  if (ending == Ending::kBreak) {
    co_await break_off();
  } else if (ending == Ending::kError) {
    visit_.settle(Outcome::kBroken);
    co_await finish_and_close();
  } else {
    (void)co_await request_.finish();  // the peer has all it needs; if it left by now, that is no abort
  }
}

// A break or an error event is due before the next event, at the latest before the finish event.
std::optional<Delivery::Ending> Delivery::ending_before(const Stream& stream, std::size_t content_events) const {
  if (stream.ahead() == Stream::Ahead::kOpening) return std::nullopt;
  bool at_end = stream.ahead() == Stream::Ahead::kClosing;
  if (script_.error_after && (at_end || content_events >= *script_.error_after)) return Ending::kError;
  if (!breaks_at(script_, BreakAt::kBody)) return std::nullopt;
  if (at_end || content_events >= script_.broken->after.value_or(1)) return Ending::kBreak;
  return std::nullopt;
}

Task<void> Delivery::play_events(Answer answer) {
  Stream& stream = *answer.stream;
  std::optional<Gzip> gzip;
  if (script_.gzip == GzipStyle::kEvent) gzip.emplace();
  request_.start(std::move(answer.head));
  std::size_t content_events = 0;
  std::string event;
  std::string packed;
  for (bool first = true; stream.ahead() != Stream::Ahead::kEnd; first = false) {
    auto early = ending_before(stream, content_events);
    if (early == Ending::kBreak) {
      if (first && !co_await write("")) co_return;  // the head is still to be sent
      co_return co_await end(Ending::kBreak);
    }
    if (!first && !co_await pause(script_.event_delay)) co_return;
    content_events += stream.ahead() == Stream::Ahead::kContent ? 1 : 0;
    event.clear();
    if (early) {
      event = answer.stream_error;
    } else {
      stream.next(event);
    }
    bool last = early || stream.ahead() == Stream::Ahead::kEnd;
    if (gzip) {
      packed.clear();
      last ? gzip->finish(event, packed) : gzip->flush(event, packed);
      std::swap(event, packed);
    }
    visit_.sent_event();
    Outcome books = early ? Outcome::kBroken : last ? Outcome::kCompleted : Outcome::kOpen;
    if (!co_await write(event, books)) co_return;
    if (early) co_return co_await finish_and_close();
  }
  co_await end(Ending::kComplete);
}

Delivery::Rendered Delivery::render_stream(Answer& answer) {
  Stream& stream = *answer.stream;
  Rendered body;
  std::size_t content_events = 0;
  while (stream.ahead() != Stream::Ahead::kEnd) {
    if (auto early = ending_before(stream, content_events)) {
      body.ending = *early;
      if (early == Ending::kError) body.bytes += answer.stream_error;
      return body;
    }
    content_events += stream.ahead() == Stream::Ahead::kContent ? 1 : 0;
    stream.next(body.bytes);
    visit_.sent_event();
  }
  return body;
}

Delivery::Rendered Delivery::render(Answer& answer) {
  Rendered body;
  if (answer.stream) {
    body = render_stream(answer);
  } else {
    body.bytes = std::move(answer.body);
  }
  if (script_.gzip != GzipStyle::kOff) {
    body.bytes = gzipped(body.bytes);
  }
  if (!answer.stream) body.announced = body.bytes.size();
  if (!answer.stream && breaks_at(script_, BreakAt::kBody)) {
    body.ending = Ending::kBreak;
    body.bytes.resize(std::min(body.bytes.size(), script_.broken->after.value_or(body.bytes.size() / 2)));
    if (script_.broken->how == BreakHow::kEnd) body.announced = body.bytes.size();
  }
  if (script_.content_length) body.announced = script_.content_length;
  return body;
}

Task<void> Delivery::play_body(http::ResponseHead head, Rendered body) {
  if (body.announced) head.headers.set("content-length", std::to_string(*body.announced));
  request_.start(std::move(head));
  auto ends = piece_ends(script_, body.bytes.size());
  Ms between = script_.chunk == 0 && script_.chunk_delay.count() == 0 ? kSplitPause : script_.chunk_delay;
  Outcome books = body.ending == Ending::kComplete ? Outcome::kCompleted : Outcome::kOpen;
  if (ends.empty() && !co_await write("", books)) co_return;
  std::size_t begin = 0;
  for (std::size_t stop : ends) {
    if (begin > 0 && !co_await pause(between)) co_return;
    bool last = stop == body.bytes.size();
    auto piece = std::string_view(body.bytes).substr(begin, stop - begin);
    if (!co_await write(piece, last ? books : Outcome::kOpen)) co_return;
    begin = stop;
  }
  co_await end(body.ending);
  // A length that was a lie leaves the connection out of step.
  if (script_.content_length && *script_.content_length != body.bytes.size()) request_.abort();
}

Task<void> Delivery::break_after_head(http::ResponseHead head, std::optional<std::uint64_t> announced) {
  bool whole = script_.broken->how == BreakHow::kEnd;
  if (announced && !whole) head.headers.set("content-length", std::to_string(*announced));
  request_.start(std::move(head));
  if (!whole && !co_await write("")) co_return;
  co_await break_off();
}

Task<void> Delivery::be_silent(http::ResponseHead head) {
  head.headers.set("content-type", "text/event-stream; charset=utf-8");
  request_.start(std::move(head));
  do {
    if (!co_await write(": silence\n\n")) co_return;
  } while (co_await pause(script_.silence));
}

bool Delivery::in_pieces() const {
  return script_.chunk != 0 || script_.split || script_.content_length;
}

Task<void> Delivery::play_plain(Answer answer) {
  visit_.sent(answer.body.size());
  visit_.settle(Outcome::kCompleted);
  auto status = co_await request_.send(std::move(answer.head), answer.body);
  if (!status) visit_.lost();
}

Task<void> Delivery::play(Answer answer) {
  if (!co_await pause(script_.delay)) co_return;
  if (breaks_at(script_, BreakAt::kAccept)) co_return co_await break_off();
  if (script_.silence.count() != 0) co_return co_await be_silent(std::move(answer.head));
  if (script_.gzip != GzipStyle::kOff) answer.head.headers.set("content-encoding", "gzip");

  bool as_events = answer.stream && !in_pieces() && script_.gzip != GzipStyle::kWhole;
  bool broken = script_.broken.has_value();
  if (breaks_at(script_, BreakAt::kHead)) {
    std::optional<std::uint64_t> announced;
    if (!answer.stream) announced = script_.content_length.value_or(answer.body.size());
    co_await break_after_head(std::move(answer.head), announced);
  } else if (as_events) {
    co_await play_events(std::move(answer));
  } else if (!answer.stream && !in_pieces() && !broken && script_.gzip == GzipStyle::kOff) {
    co_await play_plain(std::move(answer));
  } else {
    Rendered body = render(answer);
    co_await play_body(std::move(answer.head), std::move(body));
  }
}

}  // namespace sluice::sim
