#include "net/stream.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "net/poll.h"

namespace sluice::net {

namespace {

Socket::Side side_of(TlsChannel::Wants wants) {
  return wants == TlsChannel::Wants::kBytes ? Socket::Side::kRead : Socket::Side::kWrite;
}

}  // namespace

void StreamCloser::operator()(Stream* stream) const {
  stream->event_ = nullptr;
  stream->close();
  if (stream->operations_ == 0) {
    delete stream;  // check: allow owners because the last handler may outlive the owner
  } else {
    stream->orphaned_ = true;
  }
}

StreamPtr Stream::make(Loop& loop, SocketPtr socket) {
  return StreamPtr(new Stream(loop, std::move(socket)));  // check: allow owners because the constructor is private
}

Stream::Stream(Loop& loop, SocketPtr socket)
    : loop_(loop),
      socket_(std::move(socket)),
      read_timer_(loop, [this] { wake_reader(); }),
      write_timer_(loop, [this] { write_is_late(); }) {
  set_option(socket_->native_handle(), IPPROTO_TCP, TCP_NODELAY, 1);
}

void Stream::write_is_late() {
  if (write_stopped_) return;      // whoever writes is told already
  if (tells_end_) return close();  // what was written before goes out, with or without that word
  if (stops_when_stuck_) return stop_writing(Stop::kNow);
  write_timed_out_ = true;
  abandon();
}

void Stream::operation_ended() {
  --operations_;
  if (orphaned_ && operations_ == 0) delete this;  // check: allow owners because no handler refers to it any more
}

Task<std::optional<char>> Stream::first_byte(Ms limit) {
  write_timer_.arm(limit);
  ++operations_;
  const auto error = co_await Ready(*socket_, Socket::Side::kRead);
  write_timer_.disarm();
  char first = 0;
  const bool came = !error && ::recv(socket_->native_handle(), &first, 1, MSG_PEEK) == 1;
  operation_ended();
  co_return came ? std::optional(first) : std::nullopt;
}

Task<bool> Stream::accept_tls(ssl::context& context, Ms limit) {
  tls_.emplace(context, *socket_, TlsChannel::Side::kServer);
  return handshake(limit);
}

Task<bool> Stream::connect_tls(ssl::context& context, const std::string& host, Ms limit) {
  tls_.emplace(context, *socket_, TlsChannel::Side::kClient);
  if (tls_->expect(host)) return handshake(limit);
  error_ = asio::error::invalid_argument;
  return Task<bool>::ready(false);
}

Task<bool> Stream::handshake(Ms limit) {
  write_timer_.arm(limit);
  ++operations_;
  auto step = tls_->handshake();
  while (!step.error && step.wants != TlsChannel::Wants::kNothing) {
    step.error = co_await Ready(*socket_, side_of(step.wants));
    if (!step.error) step = tls_->handshake();
  }
  write_timer_.disarm();
  if (step.error && !error_) error_ = step.error;
  const bool success = !step.error;
  operation_ended();
  co_return success;
}

void Stream::consume(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ != end_) return;
  begin_ = end_ = 0;
  // A large buffer lasts for a burst, not for the life of an idle connection: it goes when a read did not fill it.
  if (capacity_ > kSmallBuffer && !filled_) drop_buffer();
}

void Stream::drop_buffer() {
  buffer_.reset();
  capacity_ = begin_ = end_ = 0;
}

// Connections that wait for long are many: what waits has no more room than the last read needed.
std::size_t Stream::wanted_room(std::size_t unread) const {
  const bool has_room = capacity_ >= kSmallestBuffer;  // less holds a rest, and takes no more
  if (has_room && (filled_ || unread >= capacity_ / 2)) {
    return std::max({capacity_, unread * 2, std::min(capacity_ * 4, kLargeBuffer)});
  }
  const auto usual = std::clamp(std::bit_ceil(last_read_), kSmallestBuffer, kSmallBuffer);
  const bool fits = has_room && (unread > 0 || capacity_ < 2 * usual);
  return fits ? capacity_ : usual;
}

// Moves the unread bytes into another buffer.
void Stream::move_to(std::size_t capacity) {
  const std::size_t unread = end_ - begin_;
  std::unique_ptr<char[]> other(new char[capacity]);
  if (unread > 0) std::memcpy(other.get(), buffer_.get() + begin_, unread);
  buffer_ = std::move(other);
  capacity_ = capacity;
  begin_ = 0;
  end_ = unread;
}

// Before a read: space behind the unread bytes, moving them to the front or to another buffer.
void Stream::make_room() {
  const std::size_t unread = end_ - begin_;
  const std::size_t wanted = wanted_room(unread);
  if (wanted != capacity_) return move_to(wanted);
  if (begin_ > 0 && unread > 0) std::memmove(buffer_.get(), buffer_.get() + begin_, unread);
  begin_ = 0;
  end_ = unread;
}

// Where the last read filled its room more is there already, or soon. Else nothing is, and bytes are waited for without
// room for them; the few that may be left, such as the line end behind a chunk, keep no more room than they need.
void Stream::start_read() {
  if (reading_ || ended_) return;
  reading_ = true;
  ++operations_;
  if (speaks_tls() && tls_->has_pending()) {
    return loop_.impl().soon({[](void* self, error_code) { static_cast<Stream*>(self)->read_what_came(); }, this}, {});
  }
  if (!filled_ && end_ - begin_ <= kShortRest) give_room_back();
  wait_for_bytes();
}

void Stream::give_room_back() {
  if (begin_ == end_) {
    drop_buffer();
  } else if (capacity_ > kShortRest) {
    move_to(kShortRest);
  }
}

void Stream::wait_for_bytes(Socket::Side side) {
  socket_->wait(side, {[](void* self, error_code error) {
                         auto& mine = *static_cast<Stream*>(self);
                         if (error) return mine.read_done(error, 0);
                         mine.read_what_came();
                       },
                       this});
}

void Stream::read_what_came() {
  if (!is_open()) return read_done(asio::error::operation_aborted, 0);
  make_room();
  const std::span<char> room(buffer_.get() + end_, capacity_ - end_);
  if (speaks_tls()) {
    const auto step = tls_->read(room);
    if (step.wants == TlsChannel::Wants::kNothing) return read_done(step.error, step.bytes);
    if (begin_ == end_) drop_buffer();  // a ticket for a session, or a part of a record, came
    return wait_for_bytes(side_of(step.wants));
  }
  const auto [error, bytes] = socket_->read(room);
  if (error == asio::error::would_block) return wait_for_bytes();
  read_done(error, bytes);
}

void Stream::read_done(error_code error, std::size_t bytes) {
  reading_ = false;
  end_ += bytes;
  last_read_ = bytes;
  filled_ = end_ == capacity_;
  if (error) {
    ended_ = true;
    if (!error_ && error != asio::error::eof) error_ = error;
  }
  if (reader_) {
    wake_reader();
  } else if (event_) {
    auto event = event_;  // a copy: it may replace itself
    event();
  }
  operation_ended();
}

void Stream::wake_reader() {
  read_timer_.disarm();
  if (reader_) std::exchange(reader_, nullptr).resume();
}

void Stream::watch(std::function<void()> event) {
  event_ = std::move(event);
  start_read();
}

bool Stream::peer_left() const {
  if (ended_ || !is_open()) return true;
  pollfd state{socket_->native_handle(), POLLRDHUP, 0};
  return ::poll(&state, 1, 0) > 0;
}

namespace {

using Buffers = std::array<iovec, 16>;
// One system call copies at most so much: between two of them the loop serves others.
constexpr std::size_t kMostAtOnce = 256 << 10;
// Writes in a row before others get a turn.
constexpr unsigned kTurn = 32;

// As many of the pieces, from byte `skip` of all on, as one system call takes.
std::span<const iovec> gather(std::span<const std::string_view> pieces, std::size_t skip, Buffers& buffers) {
  std::size_t count = 0;
  std::size_t room = kMostAtOnce;
  for (std::string_view piece : pieces) {
    auto passed = std::min(skip, piece.size());
    skip -= passed;
    piece.remove_prefix(passed);
    if (piece.empty()) continue;
    piece = piece.substr(0, room);
    room -= piece.size();
    buffers[count++] = {const_cast<char*>(piece.data()), piece.size()};
    if (count == buffers.size() || room == 0) break;
  }
  return {buffers.data(), count};
}

std::size_t total(std::span<const std::string_view> pieces) {
  std::size_t sum = 0;
  for (auto piece : pieces) sum += piece.size();
  return sum;
}

}  // namespace

// As much as is taken at once.
TlsChannel::Step Stream::write_some(std::span<const std::string_view> pieces, std::size_t written) {
  if (tls_) return tls_->write(pieces, written);
  Buffers buffers;
  const auto [error, bytes] = socket_->write(gather(pieces, written, buffers));
  if (error == asio::error::would_block) return {.wants = TlsChannel::Wants::kRoom};
  return {.bytes = bytes, .error = error};
}

Stream::Begun Stream::begin_write(std::span<const std::string_view> pieces) {
  if (!is_open()) return {Took::kBroken};
  // Most writes fit in the socket's buffer: no operation, no wake-up.
  const auto step = write_some(pieces, 0);
  if (step.error) {
    if (!error_) error_ = step.error;
    return {Took::kBroken};
  }
  Begun begun{Took::kMore, step.bytes};
  // A producer that never waits would keep the loop to itself for as long as the socket takes its bytes.
  if (begun.bytes == total(pieces) && ++immediate_writes_ % kTurn != 0) begun.took = Took::kAll;
  return begun;
}

Task<bool> Stream::write(std::span<const std::string_view> pieces, Ms limit) {
  const auto begun = begin_write(pieces);
  if (begun.took == Took::kMore) return write_rest(pieces, begun.bytes, limit);
  return Task<bool>::ready(begun.took == Took::kAll);
}

Task<bool> Stream::write_rest(std::span<const std::string_view> pieces, std::size_t written, Ms limit) {
  const std::size_t all = total(pieces);
  ++operations_;
  error_code error;
  co_await Turn(loop_);
  while (written < all && !error && is_open() && !write_stopped_) {
    const auto step = write_some(pieces, written);
    written += step.bytes;
    error = step.error;
    if (error || written == all) break;
    write_timer_.arm(write_by_ ? std::min(limit, ms_until(*write_by_)) : limit);
    const auto side = step.wants == TlsChannel::Wants::kNothing ? Socket::Side::kWrite : side_of(step.wants);
    error = co_await Ready(*socket_, side);
    write_timer_.disarm();
  }
  if (error && !error_) error_ = error;
  stops_when_stuck_ = false;
  if (written == all) write_stopped_ = false;
  const bool whole = written == all && is_open();
  operation_ended();
  co_return whole;
}

void Stream::stop_writing(Stop when) {
  (when == Stop::kNow ? write_stopped_ : stops_when_stuck_) = true;
  if (write_stopped_) socket_->wake();
}

Task<void> Stream::finish_tls(Ms limit) {
  write_timer_.arm(limit);
  tells_end_ = true;
  ++operations_;
  auto step = tls_->end();
  while (!step.error && step.wants != TlsChannel::Wants::kNothing) {
    step.error = co_await Ready(*socket_, side_of(step.wants));
    if (!step.error) step = tls_->end();
  }
  write_timer_.disarm();
  tls_finished_ = true;
  operation_ended();
}

Task<void> Stream::linger(Ms pause, Instant until) {
  unwatch();
  if (is_open() && !ended_) {
    if (tls_) co_await finish_tls(pause);
    ::shutdown(socket_->native_handle(), SHUT_WR);
    while (now() < until) {
      consume(input().size());
      if (co_await fill(pause) != Fill::kData) break;
    }
  }
  close();
}

void Stream::hurry(Ms limit) {
  write_by_ = now() + limit;
  if (write_timer_.armed()) write_timer_.arm(limit);
}

void Stream::notice_silent_death(Ms limit) {
  const int descriptor = socket_->native_handle();
  if (silence_limit_.count() == 0) {
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3);
  }
  if (limit != silence_limit_) set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(limit.count()));
  silence_limit_ = limit;
}

std::optional<std::uint64_t> Stream::acknowledged() const {
  struct Info {  // as far as it is needed here, linux/tcp.h's, which cannot be included beside the system's own
    tcp_info older;
    std::uint64_t pacing_rate, max_pacing_rate, bytes_acked;
  };
  static_assert(offsetof(Info, bytes_acked) == 120);
  Info info{};
  socklen_t size = sizeof(info);
  // Not all systems that look like Linux tell it.
  const bool told = ::getsockopt(socket_->native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
                    size >= offsetof(Info, bytes_acked) + sizeof(info.bytes_acked) && info.bytes_acked > 0;
  return told ? std::optional(info.bytes_acked) : std::nullopt;
}

void Stream::close() {
  socket_->close();
  if (!reading_ && !ended_) {
    ended_ = true;
  }
}

void Stream::close_with_notice() {
  if (is_open() && speaks_tls() && !ended_ && !error_) tls_->end();
  close();
}

void Stream::abandon() {
  int unsent = 0;
  if (is_open()) ::ioctl(socket_->native_handle(), SIOCOUTQNSD, &unsent);
  unsent > 0 ? reset() : close();
}

void Stream::reset() {
  const struct linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_->native_handle(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close();
}

}  // namespace sluice::net
