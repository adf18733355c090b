// Model → deployments, in the order they will be tried. Also decides whether this caller may use them.
//
// The order is provider::choose()'s. Where it depends on the prompt, the body is looked at here, on a worker when it is
// large. The conversation is the one named by x-sluice-session, x-session-id, x-claude-code-session-id or the body's
// prompt_cache_key; else it is told by how it begins.
//
// A request about something that a provider keeps (GET /responses/{id}; a body with previous_response_id) goes to the
// provider that has it and to no other. In this order: an id that was made here is kept by none (404); of what somebody
// else had made (Owners) it is told what is told of an id that is not there, and nobody is asked; the header
// x-sluice-provider names the provider, and answers carry the same header; else the provider whose answer with this id
// passed through; else the only one that can have it; else a 400 that says so. The same is told where such an id is in
// the path or the body of a passthrough. What is a caller's own needs no right to all of a provider's models.
//
// Thread rule: immutable.
#pragma once

#include "exchange/stage.h"
#include "provider/choose/moves.h"
#include "provider/provider.h"
#include "stage/route/owners.h"

namespace sluice::stage {

class Route final : public Stage {
 public:
  // All outlive it.
  Route(const provider::Routes& routes, Owners& owners, provider::Moves& moves)
      : routes_(routes), owners_(owners), moves_(moves) {}
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  Task<Status> run_raw(Exchange& x, Sink& out, Next next);
  Task<Status> run_knowing(Exchange& x, Sink& out, Next next, std::string id);
  // `keeper`: the provider known to keep what the request names; empty: it names nothing, or that is not known.
  Task<Status> run_to(Exchange& x, Sink& out, Next next, std::string_view keeper);
  Task<Status> run_by_prompt(Exchange& x, Sink& out, Next next, std::string_view keeper);
  Task<Status> go_on(Exchange& x, Sink& out, Next next);
  Task<Status> run_noting(Exchange& x, Sink& out, Next next);
  Task<Status> run_looking(Exchange& x, Sink& out, Next next);
  Status find_route(Exchange& x) const;
  Status choose_among(Exchange& x, std::string_view keeper) const;
  Status route_owner(Exchange& x, std::string_view keeper) const;
  Status route_passthrough(Exchange& x) const;
  Status keep_owner(Exchange& x, std::string_view keeper) const;
  Task<Result<std::optional<Maker>>> maker_of(const Exchange& x, std::string_view id) const;

  const provider::Routes& routes_;
  Owners& owners_;
  provider::Moves& moves_;
};

}  // namespace sluice::stage
