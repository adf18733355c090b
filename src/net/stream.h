// One TCP or TLS connection with its input buffer: the part that server and client connections share. Private to
// net/*.cpp.
//
// At most one read is outstanding; it may be begun before anyone waits for its bytes, which is how a peer that leaves
// is noticed while nobody reads, at no extra system call. A wait for bytes may end early (limit); the read goes on.
// While a connection waits it has next to no buffer, so that many of them may wait for long.
//
// Thread rule: the loop's thread. Ownership: StreamPtr; an operation still outstanding when the owner lets go keeps the
// object alive until its handler ran.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "net/tls_channel.h"

namespace sluice::net {

class Stream;
struct StreamCloser {
  void operator()(Stream* stream) const;
};
using StreamPtr = std::unique_ptr<Stream, StreamCloser>;

class Stream {
 public:
  static StreamPtr make(Loop& loop, SocketPtr socket);

  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Waits for the first byte and leaves it where it is; none when the peer closed, or sent nothing within the limit.
  Task<std::optional<char>> first_byte(Ms limit);

  // Becomes TLS; false when the handshake failed (the error is in last_error()) or took longer than the limit.
  Task<bool> accept_tls(ssl::context& context, Ms limit);
  Task<bool> connect_tls(ssl::context& context, const std::string& host, Ms limit);

  // Bytes read and not yet consumed. Valid until the next fill() or watch().
  std::string_view input() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes);

  // Ends a wait in fill() at the next tick, as if its time had passed.
  void interrupt() {
    if (reader_) read_timer_.arm(Ms(0));
  }

  enum class Fill { kData, kEnd, kTimeout };  // kEnd: the peer closed, or the connection broke
  // co_await fill(limit): waits until input() has grown, so long or until then. An awaiter, not a coroutine: every read
  // passes here.
  template <class Limit>
    requires(std::same_as<Limit, Ms> || std::same_as<Limit, Instant>)
  auto fill(Limit limit) {
    struct Awaiter {
      Stream& stream;
      Limit limit;
      std::size_t before;
      bool await_ready() const noexcept { return stream.ended_; }
      void await_suspend(std::coroutine_handle<> waiter) {
        stream.reader_ = waiter;
        stream.read_timer_.arm(limit);
        stream.start_read();
      }
      Fill await_resume() const noexcept {
        if (stream.input().size() > before) return Fill::kData;
        return stream.ended_ ? Fill::kEnd : Fill::kTimeout;
      }
    };
    return Awaiter{*this, limit, input().size()};
  }

  // Begins to read; calls `event` when bytes or the end came while nobody was waiting in fill(), until unwatch().
  void watch(std::function<void()> event);
  void unwatch() { event_ = nullptr; }
  bool ended() const { return ended_; }  // no more bytes will come
  // Whether the peer closed its side, as far as the system knows, while bytes of it are unread and nobody reads.
  bool peer_left() const;

  // All pieces, in order; false when the connection broke or took nothing for `limit` (it is closed then). Begins at
  // once, and most often ends at once; the pieces, and what `pieces` refers to, stay valid until it has ended.
  Task<bool> write(std::span<const std::string_view> pieces, Ms limit);

  // The same in two steps, for those who keep the pieces only when they have to be waited for. What was begun and is
  // not all (kMore) goes on with write_rest().
  enum class Took { kAll, kMore, kBroken };
  struct Begun {
    Took took;
    std::size_t bytes = 0;
  };
  Begun begin_write(std::span<const std::string_view> pieces);
  Task<bool> write_rest(std::span<const std::string_view> pieces, std::size_t written, Ms limit);

  // Ends the write that is waited for, as one that broke, and leaves the connection open; nothing may be written behind
  // it. At once, or when nothing was taken for its limit.
  enum class Stop { kNow, kWhenStuck };
  void stop_writing(Stop when);

  // Ends our side so that what was written arrives: TLS close notice, FIN, then what the peer still sends is discarded
  // until it ends too, pauses for `pause`, or `until`. Then closes.
  Task<void> linger(Ms pause, Instant until);
  // What is being written, and what will be, has only so long from now.
  void hurry(Ms limit);
  bool write_timed_out() const { return write_timed_out_; }

  // A peer that vanished without a word is found by probes, or by data it does not acknowledge within `limit`.
  // Setting the same limit again costs nothing.
  void notice_silent_death(Ms limit);

  // How many bytes of ours the peer has acknowledged since the connection began; nothing: none yet, or nobody knows.
  std::optional<std::uint64_t> acknowledged() const;

  void close();  // now; outstanding operations end with an error
  // close(), for a connection on which nothing is written: a TLS peer is told that nothing follows, which is not waited
  // for.
  void close_with_notice();
  void reset();  // close with a TCP RST
  // close(); where the system has not sent all that was written, as a peer that reads nothing would not hear of the end
  // behind it, with a RST.
  void abandon();
  bool is_open() const { return socket_->is_open(); }
  const error_code& last_error() const { return error_; }

 private:
  friend struct StreamCloser;
  static constexpr std::size_t kShortRest = 16;
  static constexpr std::size_t kSmallestBuffer = 512;
  static constexpr std::size_t kSmallBuffer = 4 << 10;
  static constexpr std::size_t kLargeBuffer = 64 << 10;

  Stream(Loop& loop, SocketPtr socket);
  ~Stream() = default;

  void start_read();
  void wait_for_bytes(Socket::Side side = Socket::Side::kRead);
  void read_what_came();
  void read_done(error_code error, std::size_t bytes);
  void give_room_back();
  void drop_buffer();
  void move_to(std::size_t capacity);
  void make_room();
  std::size_t wanted_room(std::size_t unread) const;
  void wake_reader();
  void operation_ended();
  void write_is_late();
  TlsChannel::Step write_some(std::span<const std::string_view> pieces, std::size_t written);
  bool speaks_tls() const { return tls_ && !tls_finished_; }
  Task<void> finish_tls(Ms limit);
  Task<bool> handshake(Ms limit);

  Loop& loop_;
  SocketPtr socket_;
  std::optional<TlsChannel> tls_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t last_read_ = kSmallBuffer;  // bytes, which is how many are expected
  bool reading_ = false;
  bool filled_ = false;  // by the last read: more is on its way
  bool ended_ = false;
  bool write_timed_out_ = false;
  bool write_stopped_ = false;
  bool stops_when_stuck_ = false;
  bool tells_end_ = false;  // what is written is TLS's last word
  std::optional<Instant> write_by_;
  Ms silence_limit_{0};
  bool tls_finished_ = false;  // the close notice went out: what follows is discarded unread
  bool orphaned_ = false;
  unsigned operations_ = 0;
  unsigned immediate_writes_ = 0;
  error_code error_;
  std::coroutine_handle<> reader_;
  std::function<void()> event_;
  Timer read_timer_;
  Timer write_timer_;
};

}  // namespace sluice::net
