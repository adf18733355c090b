#include "net/tls_channel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>

namespace sluice::net {

namespace {

// The most that a record holds (RFC 8446, 5.1).
constexpr std::size_t kRecord = 16 << 10;
// One step writes at most so much: between two of them the loop serves others.
constexpr std::size_t kMostAtOnce = 256 << 10;
// Behind so much at once there is probably more.
constexpr std::size_t kMuch = 8 << 10;

// OpenSSL's own way to a socket would raise SIGPIPE, and go on with a descriptor that is another connection's by now.
Socket& socket_of(BIO* bio) {
  return *static_cast<Socket*>(BIO_get_data(bio));
}

int send_bytes(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const iovec piece{const_cast<char*>(bytes), static_cast<std::size_t>(size)};
  const auto sent = socket_of(bio).write({&piece, 1});
  if (sent.error == asio::error::would_block) BIO_set_retry_write(bio);
  errno = sent.error.value();
  return sent.error ? -1 : static_cast<int>(sent.bytes);
}

int receive_bytes(BIO* bio, char* room, int size) {
  BIO_clear_retry_flags(bio);
  const auto received = socket_of(bio).read({room, static_cast<std::size_t>(size)});
  if (received.error == asio::error::eof) return 0;
  if (received.error == asio::error::would_block) BIO_set_retry_read(bio);
  errno = received.error.value();
  return received.error ? -1 : static_cast<int>(received.bytes);
}

// Nothing is held back that could be flushed.
long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO* bio_of(Socket& socket) {
  static BIO_METHOD* const method = [] {
    auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_write(made, send_bytes);
    BIO_meth_set_read(made, receive_bytes);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, &socket);
  BIO_set_init(bio, 1);
  return bio;
}

// What the next record holds: of a long piece a part, else as many pieces as fit, joined in `room`.
std::string_view next_record(std::span<const std::string_view> pieces, std::size_t skip,
                             std::array<char, kRecord>& room) {
  std::size_t size = 0;
  for (std::string_view piece : pieces) {
    const auto passed = std::min(skip, piece.size());
    skip -= passed;
    piece.remove_prefix(passed);
    if (size == 0 && piece.size() >= kRecord) return piece.substr(0, kRecord);
    size += piece.copy(room.data() + size, kRecord - size);
    if (size == kRecord) break;
  }
  return {room.data(), size};
}

error_code reason_of(int how, int system_error) {
  if (how == SSL_ERROR_ZERO_RETURN) return asio::error::eof;
  const auto reason = ERR_get_error();
  const bool is_cut = how == SSL_ERROR_SYSCALL ? reason == 0 && system_error == 0
                                               : ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  if (is_cut) return ssl::error::stream_truncated;
  if (how == SSL_ERROR_SYSCALL && reason == 0) return {system_error, boost::system::system_category()};
  return {static_cast<int>(reason), asio::error::get_ssl_category()};
}

}  // namespace

TlsChannel::TlsChannel(ssl::context& context, Socket& socket, Side side) : ssl_(SSL_new(context.native_handle())) {
  if (!ssl_) throw std::bad_alloc();
  SSL_set_mode(ssl_.get(),
               SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_read_ahead(ssl_.get(), 1);  // else each record takes two system calls
  BIO* const bio = bio_of(socket);
  SSL_set_bio(ssl_.get(), bio, bio);
  if (side == Side::kServer) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

bool TlsChannel::expect(const std::string& host) {
  SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
  error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  if (!not_an_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str()) == 1;
  return SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) == 1 && SSL_set1_host(ssl_.get(), host.c_str()) == 1;
}

template <class Call>
TlsChannel::Step TlsChannel::step(Call call) {
  ERR_clear_error();
  errno = 0;
  Step done;
  const int result = call(done.bytes);
  if (result > 0) return done;
  const int system_error = errno;
  const int how = SSL_get_error(ssl_.get(), result);
  if (how == SSL_ERROR_WANT_READ) {
    done.wants = Wants::kBytes;
  } else if (how == SSL_ERROR_WANT_WRITE) {
    done.wants = Wants::kRoom;
  } else {
    done.error = reason_of(how, system_error);
  }
  return done;
}

TlsChannel::Step TlsChannel::handshake() {
  return step([this](std::size_t&) { return SSL_do_handshake(ssl_.get()); });
}

// What is there, record by record: most often one.
TlsChannel::Step TlsChannel::read(std::span<char> room) {
  Step all;
  while (true) {
    const auto one = step([&](std::size_t& bytes) {
      return SSL_read_ex(ssl_.get(), room.data() + all.bytes, room.size() - all.bytes, &bytes);
    });
    all.bytes += one.bytes;
    all.error = one.error;
    if (all.bytes == 0) all.wants = one.wants;
    const bool may_go_on = one.bytes > 0 && all.bytes < room.size();
    if (!may_go_on || (one.bytes < kMuch && !has_pending())) return all;
  }
}

[[gnu::noinline]] TlsChannel::Step TlsChannel::write(std::span<const std::string_view> pieces, std::size_t written) {
  std::array<char, kRecord> room;  // filled as far as it is used
  Step all;
  while (all.bytes < kMostAtOnce) {
    const auto record = next_record(pieces, written + all.bytes, room);
    if (record.empty()) break;
    const auto one =
        step([&](std::size_t& bytes) { return SSL_write_ex(ssl_.get(), record.data(), record.size(), &bytes); });
    all.bytes += one.bytes;
    all.wants = one.wants;
    all.error = one.error;
    if (one.bytes == 0) break;
  }
  return all;
}

TlsChannel::Step TlsChannel::end() {
  return step([this](std::size_t&) { return SSL_shutdown(ssl_.get()) < 0 ? -1 : 1; });
}

}  // namespace sluice::net
