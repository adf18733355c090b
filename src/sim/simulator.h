// A model provider without a model, on sockets of its own. docs/simulator.md says what it answers.
//
//   Simulator simulator({.host = "127.0.0.1", .port = 0, .name = "sim"});
//   auto port = simulator.start();
//
// Thread rule: start() and stop() from one thread that is none of its loops; both block for a moment. Ownership: owns
// its loops, their threads and everything on them; the destructor stops it. Several may live in one process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace sluice::sim {

struct SimOptions {
  enum class Record { kOff, kOn };

  std::string host = "127.0.0.1";
  std::uint16_t port = 0;    // 0 takes a free one
  std::string name = "sim";  // letters, digits, '.', '_' and '-', at most 64
  Secret key = {};           // empty: every key will do
  Record record = Record::kOff;
  std::size_t threads = 1;  // loops, one thread each
};

class Simulator {
 public:
  explicit Simulator(SimOptions options);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  // Listens and serves; returns the port. Started again after stop(), it begins with empty books.
  // Faults: kInvalidConfig (name, threads, address).
  Result<std::uint16_t> start();
  // Breaks off what is still being answered and waits for its end. Nothing when it is not running.
  void stop();

 private:
  struct Running;
  SimOptions options_;
  std::unique_ptr<Running> running_;
};

}  // namespace sluice::sim
