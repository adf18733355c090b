// /admin/v1/secrets: what the configuration refers to as ${secret:NAME}. Texts go in and never come out.
//
// Thread rule: as ask.h says.
#pragma once

#include "admin/ask.h"
#include "base/sealer.h"
#include "base/secret.h"
#include "store/directory.h"

namespace sluice::admin {

inline constexpr std::size_t kMostSecretBytes = 64 << 10;
inline constexpr std::string_view kNoSecretsKey =
    "There is no key to encrypt secrets with: start the gateway with one in SLUICE_SECRETS_KEY, or with the name of a "
    "file that holds it in SLUICE_SECRETS_KEY_FILE.";

// Letters, digits and . _ -, a letter or digit first, at most 100.
bool is_secret_name(std::string_view name);
// A row with this text, in place of the one that is there. Faults: kInvalidRequest: no such name, no such text; those
// of the directory.
Result<store::SecretRow> sealed_row(store::Directory& directory, const Sealer& sealer, const std::string& name,
                                    const Secret& text);

Result<std::string> list_secrets(const Tools& tools, const Ask& ask);
Result<std::string> get_secret(const Tools& tools, const Ask& ask);
Result<std::string> put_secret(const Tools& tools, const Ask& ask);
Result<std::string> delete_secret(const Tools& tools, const Ask& ask);

}  // namespace sluice::admin
