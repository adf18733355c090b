#include "app/translation_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "dialect/catalogue.h"

namespace sluice::app {

namespace {

using dialect::Client;
using dialect::FieldRow;
using dialect::Operation;
using dialect::Server;

std::string_view word(chat::Unplaced unplaced) {
  switch (unplaced) {
    case chat::Unplaced::kSilent:
      return "–";
    case chat::Unplaced::kDropped:
      return "dropped";
    case chat::Unplaced::kRefused:
      return "400";
  }
  return "";
}

// A row in the table of the provider's dialect, or what happens without one.
std::string fate(const FieldRow& row, const Client& client, Operation operation) {
  if (row.place == dialect::Place::kNowhere) return std::string(word(row.unplaced));
  if (row.own) return "own";
  const FieldRow* there = find_field(client.fields(operation), row.field);
  if (there != nullptr && !there->own) return fmt::format("`{}`", there->path);
  return std::string(word(chat::facts(row.field).unplaced));
}

// The clients that a server's requests are translated for; a hosted form of an API ("anthropic-vertex") is no other
// API.
std::vector<const Client*> others(const Server& server, Operation operation) {
  std::vector<const Client*> found;
  for (const Client* client : dialect::clients()) {
    const bool hosted = client->name().find('-') != std::string_view::npos;
    if (!hosted && client->name() != server.name() && client->offers(operation)) found.push_back(client);
  }
  return found;
}

void append_table(std::string& page, const Server& server, Operation operation, std::string_view title) {
  const auto table = server.fields(operation);
  const auto clients = others(server, operation);
  if (table.empty() || clients.empty()) return;
  page += fmt::format("\n## {} {}\n\n| field |", server.name(), title);
  for (const Client* client : clients) page += fmt::format(" {} |", client->name());
  page += " |\n|---|";
  for (std::size_t i = 0; i < clients.size(); ++i) page += "---|";
  page += "---|\n";
  for (const FieldRow& row : table) {
    page += fmt::format("| `{}` |", row.path);
    for (const Client* client : clients) page += fmt::format(" {} |", fate(row, *client, operation));
    page += fmt::format(" {} |\n", row.note);
  }
}

}  // namespace

std::string translation_page() {
  std::string page;
  for (const Server* server : dialect::servers()) {
    append_table(page, *server, Operation::kChat, "messages");
    append_table(page, *server, Operation::kEmbed, "embeddings");
    append_table(page, *server, Operation::kRerank, "reranking");
  }
  return page;
}

}  // namespace sluice::app
