#include "app/remote/options.h"

#include <fmt/format.h>

namespace sluice::app {

void add_options(CLI::App& command, RemoteOptions& options) {
  command.add_option("--gateway", options.gateway, "The gateway's URL (default: http://127.0.0.1:8080)");
  command.add_option("--key", options.key, "Its master key, or a key whose role allows this")
      ->envname("SLUICE_MASTER_KEY");
  command.add_flag("--json", options.json, "Print JSON");
}

int failed(std::string_view why, int code) {
  fmt::print(stderr, "sluice: {}\n", why);
  return code;
}

int ask_gateway(const RemoteOptions& options, std::string method, std::string path, std::string body,
                int (*done)(std::string_view answer)) {
  auto gateway = remote_gateway(options.gateway, Secret(options.key));
  if (!gateway) return failed(gateway.error().told, 2);
  RemoteLoop loop;
  auto answer = loop.run(ask(loop, *gateway, std::move(method), "/admin/v1" + path, std::move(body), kRemoteLimit));
  if (!answer) return failed(answer.error().told, 1);
  if (answer->status != 200) return failed(error_text(*answer), 1);
  if (!options.json) return done(answer->body);
  fmt::print("{}\n", answer->body);
  return 0;
}

}  // namespace sluice::app
