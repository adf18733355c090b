#include "options.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

namespace sluice::bench {
namespace {

constexpr std::string_view kUsage =
    "usage: bench_load closed|open|hold --port N [--path /v1/chat/completions] [--body FILE] [--header 'name: "
    "value']…\n"
    "                  [--connections N] [--requests N] [--rate PER_SECOND] [--skip N] [--limit SECONDS]\n";

[[noreturn]] void usage(const std::string& what) {
  std::fprintf(stderr, "bench_load: %s\n%s", what.c_str(), std::string(kUsage).c_str());
  std::exit(2);
}

double number(const std::string& option, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0) || value > 1e9) usage(option + " wants a number");
  return value;
}

std::string file_text(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) usage("cannot read " + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Message {
  std::string path = "/v1/chat/completions";
  std::string headers;
  std::string body;
};

void set(Options& options, Message& message, const std::string& name, const std::string& value) {
  if (name == "--port") {
    options.port = static_cast<std::uint16_t>(number(name, value));
  } else if (name == "--path") {
    message.path = value;
  } else if (name == "--body") {
    message.body = file_text(value);
  } else if (name == "--header") {
    message.headers += value + "\r\n";
  } else if (name == "--connections") {
    options.connections = static_cast<std::uint32_t>(number(name, value));
  } else if (name == "--requests") {
    options.requests = static_cast<std::uint64_t>(number(name, value));
  } else if (name == "--rate") {
    options.rate = number(name, value);
  } else if (name == "--skip") {
    options.skip = static_cast<std::uint64_t>(number(name, value));
  } else if (name == "--limit") {
    options.limit = std::chrono::seconds(static_cast<long>(number(name, value)));
  } else {
    usage("unknown option " + name);
  }
}

Mode read_mode(std::string_view text) {
  if (text == "closed") return Mode::kClosed;
  if (text == "open") return Mode::kOpen;
  if (text == "hold") return Mode::kHold;
  usage("unknown mode " + std::string(text));
}

}  // namespace

Options read_options(int argc, char** argv) {
  if (argc < 2) usage("a mode is wanted");
  Options options;
  Message message;
  options.mode = read_mode(argv[1]);
  for (int i = 2; i < argc; i += 2) {
    if (i + 1 == argc) usage(std::string(argv[i]) + " wants a value");
    set(options, message, argv[i], argv[i + 1]);
  }
  if (options.mode == Mode::kHold) options.requests = options.connections;
  if (options.port == 0 || options.connections == 0 || options.requests == 0) {
    usage("--port, --connections and --requests must be more than 0");
  }
  if (options.mode == Mode::kOpen && options.rate == 0) usage("open wants --rate");
  if (options.mode == Mode::kClosed) options.rate = 0;
  options.request = "POST " + message.path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options.port) +
                    "\r\nContent-Type: application/json\r\n" + message.headers +
                    "Content-Length: " + std::to_string(message.body.size()) + "\r\n\r\n" + message.body;
  return options;
}

void die(const std::string& what) {
  std::fprintf(stderr, "bench_load: %s\n", what.c_str());
  std::exit(1);
}

}  // namespace sluice::bench
