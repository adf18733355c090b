#include "exchange/caller.h"

#include <algorithm>

namespace sluice {

std::optional<Role> find_role(std::string_view name) {
  auto found = std::find(kRoleNames.begin(), kRoleNames.end() - 1, name);
  if (found == kRoleNames.end() - 1) return std::nullopt;
  return static_cast<Role>(found - kRoleNames.begin());
}

bool any_matches(const std::vector<std::string>& globs, std::string_view name) {
  return globs.empty() || std::ranges::any_of(globs, [&](const std::string& glob) { return glob_match(glob, name); });
}

// A '*' of `glob` stands for any text, and only a '*' of the others matches the character itself: where they match it
// as a text, they match whatever it stands for.
bool is_within(std::string_view glob, const std::vector<std::string>& globs) {
  return any_matches(globs, glob);
}

bool Caller::may_use_all_of(std::string_view glob) const {
  return is_within(glob, models) && (!its_team || is_within(glob, its_team->models));
}

bool Caller::may_ask_for(std::string_view operation) const {
  return operations.empty() || std::ranges::find(operations, operation) != operations.end();
}

bool Caller::may_ask_from(std::string_view address) const {
  if (networks.empty()) return true;
  // A listener on [::] sees IPv4 as ::ffff:a.b.c.d.
  constexpr std::string_view kMapped = "::ffff:";
  if (address.starts_with(kMapped) && address.find('.') != std::string_view::npos)
    address.remove_prefix(kMapped.size());
  auto own = net::parse_network(address);
  return own && std::ranges::any_of(networks, [&](const net::Network& network) {
           return network.holds(net::AddressBytes(own->bytes).first(own->size));
         });
}

std::string_view Caller::meant_by(std::string_view model) const {
  if (!its_team) return model;
  const auto& aliases = its_team->aliases;
  auto found =
      std::ranges::lower_bound(aliases, model, {}, [](const auto& alias) -> std::string_view { return alias.first; });
  return found != aliases.end() && found->first == model ? std::string_view(found->second) : model;
}

}  // namespace sluice
