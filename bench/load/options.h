// What the load generator was told on its command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sluice::bench {

enum class Mode {
  kClosed,  // a connection sends its next request when it has the answer to the last
  kOpen,    // requests are due at a fixed rate, whatever the answers do; latency counts from when one was due
  kHold,    // each connection sends one request, whose stream stays open until standard input ends
};

struct Options {
  Mode mode = Mode::kClosed;
  std::uint16_t port = 0;  // on 127.0.0.1
  std::uint32_t connections = 1;
  std::uint64_t requests = 0;      // in all; kHold: as many as connections
  double rate = 0;                 // a second; 0: as fast as the answers come
  std::uint64_t skip = 0;          // so many first requests are not part of the percentiles
  std::chrono::seconds limit{60};  // the run fails when it takes longer
  std::string request;             // the bytes of one request
};

// Prints a sentence and ends the program with status 2 when the arguments make no sense.
Options read_options(int argc, char** argv);

// Ends the program with status 1.
[[noreturn]] void die(const std::string& what);

}  // namespace sluice::bench
