// The bridge between Asio's operations and Task. Private to net/*.cpp: the only files that include it.
//
// Thread rule: everything on the loop's thread.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <coroutine>
#include <memory>

#include "net/loop.h"
#include "net/wheel.h"

namespace sluice::net {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace beast = boost::beast;
using boost::system::error_code;

// The executor type itself, not any_io_executor: no virtual calls, no allocation.
using Executor = asio::io_context::executor_type;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using TcpAcceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using SteadyTimer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Endpoint = asio::ip::tcp::endpoint;

struct IoResult {
  error_code error;
  std::size_t bytes = 0;
};

// co_await io([&](auto done) { socket.async_read_some(buffer, done); })
template <class Start>
class IoAwaiter {
 public:
  explicit IoAwaiter(Start start) : start_(std::move(start)) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    start_(Done{this});
  }
  IoResult await_resume() const noexcept { return result_; }

 private:
  struct Done {
    IoAwaiter* self;
    void operator()(error_code error, std::size_t bytes = 0) const {
      self->result_ = {error, bytes};
      self->waiter_.resume();
    }
  };
  Start start_;
  std::coroutine_handle<> waiter_;
  IoResult result_;
};

template <class Start>
IoAwaiter<Start> io(Start start) {
  return IoAwaiter<Start>(std::move(start));
}

struct Loop::Impl {
  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};  // sockets are the loop's thread's alone
  asio::executor_work_guard<Executor> work{context.get_executor()};
  Wheel wheel{context};
};

inline asio::io_context& context_of(Loop& loop) {
  return loop.impl().context;
}

}  // namespace sluice::net
