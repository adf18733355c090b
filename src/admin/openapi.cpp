// check: allow file-sizes because it is one document
#include "admin/openapi.h"

namespace sluice::admin {

namespace {

constexpr std::string_view kDocument = R"json({
  "openapi": "3.1.0",
  "info": {
    "title": "Sluice: the administrator's API",
    "version": "1",
    "description": "JSON in, JSON out. Every operation needs the master key, or a key whose role allows it."
  },
  "servers": [{"url": "/admin/v1"}],
  "security": [{"master_key": []}],
  "paths": {
    "/openapi.json": {
      "get": {
        "operationId": "get_openapi",
        "summary": "This document.",
        "responses": {"200": {"description": "The document.", "content": {"application/json": {}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/deployments": {
      "get": {
        "operationId": "list_deployments",
        "summary": "How each deployment is doing now.",
        "responses": {
          "200": {"description": "All deployments.", "content": {"application/json": {"schema": {
            "type": "object", "required": ["deployments"], "properties": {
              "deployments": {"type": "array", "items": {"$ref": "#/components/schemas/Deployment"}}}}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/deployments/{name}/hold": {
      "put": {
        "operationId": "hold_deployment",
        "summary": "Hold a deployment's breaker open, closed or drained, or let it go again.",
        "description": "It lasts until it is changed or the process ends.",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"},
                        "description": "provider/model; its slash as it is or as %2F."}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "required": ["hold"], "additionalProperties": false, "properties": {
            "hold": {"$ref": "#/components/schemas/Hold"}}}}}},
        "responses": {
          "200": {"description": "The deployment as it is now.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Deployment"}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/provider-keys": {
      "get": {
        "operationId": "list_provider_keys",
        "summary": "How the keys of providers with several are doing now.",
        "responses": {
          "200": {"description": "All keys, by their labels.", "content": {"application/json": {"schema": {
            "type": "object", "required": ["keys"], "properties": {
              "keys": {"type": "array", "items": {"$ref": "#/components/schemas/ProviderKey"}}}}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/provider-keys/{key}/hold": {
      "put": {
        "operationId": "hold_provider_key",
        "summary": "Hold one of a provider's several keys open, closed or drained, or let it go again.",
        "description": "It lasts until it is changed or the process ends.",
        "parameters": [{"name": "key", "in": "path", "required": true, "schema": {"type": "string"},
                        "description": "Its label, provider/name; its slash as it is or as %2F."}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "required": ["hold"], "additionalProperties": false, "properties": {
            "hold": {"$ref": "#/components/schemas/Hold"}}}}}},
        "responses": {
          "200": {"description": "The key as it is now.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/ProviderKey"}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/exchanges": {
      "get": {
        "operationId": "list_exchanges",
        "summary": "What was served, newest first; a request is there when its answer has ended.",
        "description": "Beside these, one parameter for each dimension of reports: key, team, user, route, operation, status, fault, deployment, provider, model and tag:NAME. A page may have fewer than were asked for, and even none, and not be the last: it is the last when next is null.",
        "parameters": [
          {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
          {"name": "before", "in": "query", "schema": {"type": "string"}, "description": "The next of the page before."},
          {"$ref": "#/components/parameters/From"}, {"$ref": "#/components/parameters/To"},
          {"$ref": "#/components/parameters/Zone"},
          {"name": "key", "in": "query", "schema": {"type": "string"}},
          {"name": "team", "in": "query", "schema": {"type": "string"}},
          {"name": "user", "in": "query", "schema": {"type": "string"}},
          {"name": "route", "in": "query", "schema": {"type": "string"}},
          {"name": "operation", "in": "query", "schema": {"type": "string"}},
          {"name": "status", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 999}},
          {"name": "fault", "in": "query", "schema": {"type": "string"}},
          {"name": "deployment", "in": "query", "schema": {"type": "string"}},
          {"name": "provider", "in": "query", "schema": {"type": "string"}},
          {"name": "model", "in": "query", "schema": {"type": "string"}}],
        "responses": {
          "200": {"description": "The requests.", "content": {"application/json": {"schema": {
            "type": "object", "required": ["exchanges", "next"], "properties": {
              "exchanges": {"type": "array", "items": {"$ref": "#/components/schemas/Exchange"}},
              "next": {"type": ["string", "null"], "description": "For the page after this one; null: this is the last."}}}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/exchanges/{request_id}": {
      "get": {
        "operationId": "get_exchange",
        "summary": "What became of one request, and why.",
        "parameters": [{"name": "request_id", "in": "path", "required": true, "schema": {"type": "string"},
                        "description": "The x-sluice-request-id of its answer."}],
        "responses": {
          "200": {"description": "The request.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Exchange"}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/report": {
      "get": {
        "operationId": "get_report",
        "summary": "What was spent, failed and wasted, by whatever and in periods; and what has changed most.",
        "parameters": [
          {"name": "by", "in": "query", "schema": {"type": "string", "default": "all"},
           "description": "all, key, team, user, route, operation, status, fault, deployment, provider, model or tag:NAME."},
          {"$ref": "#/components/parameters/From"}, {"$ref": "#/components/parameters/To"},
          {"name": "last", "in": "query", "schema": {"type": "string"},
           "description": "Instead of from and to: days of the zone, today included (7d), or less (6h), until now."},
          {"name": "period", "in": "query", "schema": {"type": "string", "enum": ["total", "hour", "day", "week", "month"], "default": "total"}},
          {"$ref": "#/components/parameters/Zone"},
          {"name": "metric", "in": "query", "schema": {"type": "string", "enum": ["cost", "exchanges", "tokens", "failed", "waste"], "default": "cost"},
           "description": "By which rows are ordered, the top is chosen and movers are found."},
          {"name": "top", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 10000},
           "description": "Only so many values; the others are one, (rest)."},
          {"name": "team", "in": "query", "schema": {"type": "string"},
           "description": "Of this team alone. Who sees one team alone sees that one, whether it is said or not."},
          {"name": "format", "in": "query", "schema": {"type": "string", "enum": ["json", "table", "csv", "markdown"], "default": "json"}}],
        "responses": {
          "200": {"description": "The report.", "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Report"}}, "text/plain": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}}, "text/markdown": {"schema": {"type": "string"}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/prices/recompute": {
      "post": {
        "operationId": "recompute_prices",
        "summary": "Compute anew, with the prices of now, what attempts cost; a page of exchanges at a time.",
        "description": "Sums and budgets follow, and what was there before is kept in the table correction.",
        "parameters": [
          {"$ref": "#/components/parameters/From"}, {"$ref": "#/components/parameters/To"},
          {"$ref": "#/components/parameters/Zone"},
          {"name": "dry_run", "in": "query", "schema": {"type": "string", "enum": ["no", "yes"], "default": "no"},
           "description": "yes: tell only what would change."},
          {"name": "before", "in": "query", "schema": {"type": "string"}, "description": "The next of the answer before."}],
        "responses": {
          "200": {"description": "What has changed on this page.", "content": {"application/json": {"schema": {
            "type": "object", "required": ["looked_at", "kept", "models", "next"], "properties": {
              "looked_at": {"type": "integer", "description": "Attempts that were charged."},
              "kept": {"type": "integer", "description": "Of them: their configured price is not known any more."},
              "models": {"type": "array", "items": {"type": "object",
                "required": ["model", "attempts", "before_usd", "after_usd", "unknown_before", "unknown_after"], "properties": {
                  "model": {"type": "string"}, "attempts": {"type": "integer"},
                  "before_usd": {"$ref": "#/components/schemas/Usd"}, "after_usd": {"$ref": "#/components/schemas/Usd"},
                  "unknown_before": {"type": "integer"}, "unknown_after": {"type": "integer"}}}},
              "next": {"type": ["string", "null"]}}}}}},
          "default": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/faults": {
      "get": {
        "operationId": "list_faults",
        "summary": "The faults that are injected now.",
        "responses": {"200": {"$ref": "#/components/responses/Faults"},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "put": {
        "operationId": "put_fault",
        "summary": "Inject a fault at a deployment; it ends by itself.",
        "description": "Only where the configuration says drill: { enabled: true }. It replaces the deployment's own.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "required": ["deployment", "kind"], "additionalProperties": false, "properties": {
            "deployment": {"type": "string"},
            "kind": {"$ref": "#/components/schemas/FaultKind"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "default": 503, "description": "Of kind status."},
            "delay": {"type": "string", "default": "2s", "description": "Of kind slow: a duration, at most 10m."},
            "share": {"type": "number", "minimum": 0.001, "maximum": 1, "default": 1,
                      "description": "Of the tries that are hit, by chance."},
            "for": {"type": "string", "default": "60s", "description": "A duration, at most 1h."}}}}}},
        "responses": {"200": {"$ref": "#/components/responses/Faults"},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "delete": {
        "operationId": "delete_faults",
        "summary": "End the fault of a deployment, or all.",
        "parameters": [{"name": "deployment", "in": "query", "schema": {"type": "string"}}],
        "responses": {"200": {"$ref": "#/components/responses/Faults"},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/keys": {
      "get": {
        "operationId": "list_keys",
        "summary": "Keys by name.",
        "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
                       {"name": "after", "in": "query", "schema": {"type": "string"}, "description": "Names behind this one."},
                       {"name": "team", "in": "query", "schema": {"type": "string"}},
                       {"name": "user", "in": "query", "schema": {"type": "string"}},
                       {"name": "blocked", "in": "query", "schema": {"type": "boolean"}}],
        "responses": {"200": {"description": "A page of them.", "content": {"application/json": {"schema": {"type": "object", "required": ["keys", "next"], "properties": {"keys": {"type": "array", "items": {"$ref": "#/components/schemas/Key"}}, "next": {"type": ["string", "null"], "description": "The after of the next page."}}}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "post": {
        "operationId": "create_key",
        "summary": "Make a key.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewKey"}}}},
        "responses": {"200": {"description": "The key, with its text: it is shown this once.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MadeKey"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/keys/{key}": {
      "get": {
        "operationId": "get_key",
        "summary": "One key.",
        "parameters": [{"name": "key", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its id or its name."}],
        "responses": {"200": {"description": "The key.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Key"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "patch": {
        "operationId": "patch_key",
        "summary": "Change what is given of a key; null takes a field back to what it is without being given.",
        "parameters": [{"name": "key", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its id or its name."}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/KeyChange"}}}},
        "responses": {"200": {"description": "The key as it is now.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Key"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "delete": {
        "operationId": "delete_key",
        "summary": "End a key: it is unknown at once.",
        "parameters": [{"name": "key", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its id or its name."}],
        "responses": {"200": {"description": "The key as it was.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Key"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/keys/{key}/rotate": {
      "post": {
        "operationId": "rotate_key",
        "summary": "Give a key another text; the old one is good until the grace is over.",
        "parameters": [{"name": "key", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its id or its name."}],
        "requestBody": {"required": false, "content": {"application/json": {"schema": {
          "type": "object", "additionalProperties": false, "properties": {
            "grace": {"type": "string", "default": "24h", "description": "A duration, at most 90 days; 0 or 0s: the old one ends at once."}}}}}},
        "responses": {"200": {"description": "The key, with its new text: it is shown this once.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MadeKey"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/keys/{key}/block": {
      "post": {
        "operationId": "block_key",
        "summary": "Refuse a key until it is unblocked.",
        "parameters": [{"name": "key", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its id or its name."}],
        "responses": {"200": {"description": "The key as it is now.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Key"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/keys/{key}/unblock": {
      "post": {
        "operationId": "unblock_key",
        "summary": "Let a blocked key be used again.",
        "parameters": [{"name": "key", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its id or its name."}],
        "responses": {"200": {"description": "The key as it is now.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Key"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/teams": {
      "get": {
        "operationId": "list_teams",
        "summary": "All teams by name.",
        "responses": {"200": {"description": "The teams.", "content": {"application/json": {"schema": {"type": "object", "required": ["teams"], "properties": {"teams": {"type": "array", "items": {"$ref": "#/components/schemas/Team"}}}}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "post": {
        "operationId": "create_team",
        "summary": "Make a team.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewTeam"}}}},
        "responses": {"200": {"description": "The team.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Team"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/teams/{team}": {
      "get": {
        "operationId": "get_team",
        "summary": "One team.",
        "parameters": [{"name": "team", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its name."}],
        "responses": {"200": {"description": "The team.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Team"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "patch": {
        "operationId": "patch_team",
        "summary": "Change what is given of a team; null takes a field back to what it is without being given.",
        "parameters": [{"name": "team", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its name."}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TeamChange"}}}},
        "responses": {"200": {"description": "The team as it is now.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Team"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "delete": {
        "operationId": "delete_team",
        "summary": "End a team that has no keys.",
        "parameters": [{"name": "team", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its name."}],
        "responses": {"200": {"description": "The team as it was.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Team"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/users": {
      "get": {
        "operationId": "list_users",
        "summary": "All users by name.",
        "responses": {"200": {"description": "The users.", "content": {"application/json": {"schema": {"type": "object", "required": ["users"], "properties": {"users": {"type": "array", "items": {"$ref": "#/components/schemas/User"}}}}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "post": {
        "operationId": "create_user",
        "summary": "Make a user.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewUser"}}}},
        "responses": {"200": {"description": "The user.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/users/{user}": {
      "get": {
        "operationId": "get_user",
        "summary": "One user.",
        "parameters": [{"name": "user", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its name."}],
        "responses": {"200": {"description": "The user.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "patch": {
        "operationId": "patch_user",
        "summary": "Change what is given of a user; null takes a field back to what it is without being given.",
        "parameters": [{"name": "user", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its name."}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/UserChange"}}}},
        "responses": {"200": {"description": "The user as it is now.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "delete": {
        "operationId": "delete_user",
        "summary": "End a user that has no keys.",
        "parameters": [{"name": "user", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its name."}],
        "responses": {"200": {"description": "The user as it was.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/organisation": {
      "get": {
        "operationId": "get_organisation",
        "summary": "What all callers together may use.",
        "responses": {"200": {"description": "The organisation.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Organisation"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "patch": {
        "operationId": "patch_organisation",
        "summary": "Change what is given of the organisation; null takes a field back to what it is without being given.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OrganisationChange"}}}},
        "responses": {"200": {"description": "The organisation as it is now.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Organisation"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/secrets": {
      "get": {
        "operationId": "list_secrets",
        "summary": "The names of all secrets. No operation gives back what one holds.",
        "responses": {"200": {"description": "The secrets by name.", "content": {"application/json": {"schema": {"type": "object", "required": ["secrets"], "properties": {"secrets": {"type": "array", "items": {"$ref": "#/components/schemas/Secret"}}}}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/secrets/{name}": {
      "get": {
        "operationId": "get_secret",
        "summary": "When a secret was made and changed, and whether it is used.",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its name."}],
        "responses": {"200": {"description": "The secret, without what it holds.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Secret"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "put": {
        "operationId": "put_secret",
        "summary": "Keep a secret, encrypted, in place of what it held before. Configurations refer to it as ${secret:NAME}.",
        "description": "The configuration is read again at once: whole, or not at all.",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"}, "description": "Its name."}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "required": ["value"], "additionalProperties": false, "properties": {
            "value": {"type": "string", "minLength": 1, "maxLength": 65536, "writeOnly": true}}}}}},
        "responses": {"200": {"description": "The secret, without what it holds.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Secret"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      },
      "delete": {
        "operationId": "delete_secret",
        "summary": "End a secret that the configuration does not refer to.",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Its name."}],
        "responses": {"200": {"description": "The secret as it was, without what it held.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Secret"}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    },
    "/audit": {
      "get": {
        "operationId": "list_audit",
        "summary": "The audit log, the newest entries first.",
        "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
                       {"name": "before", "in": "query", "schema": {"type": "integer", "minimum": 1}, "description": "Entries with a number below this one."}],
        "responses": {"200": {"description": "Entries.", "content": {"application/json": {"schema": {"type": "object", "required": ["entries"], "properties": {"entries": {"type": "array", "items": {"$ref": "#/components/schemas/AuditEntry"}}}}}}},
                      "default": {"$ref": "#/components/responses/Error"}}
      }
    }
  },
  "components": {
    "securitySchemes": {"master_key": {"type": "http", "scheme": "bearer"}},
    "parameters": {
      "From": {"name": "from", "in": "query", "schema": {"type": "string"},
               "description": "At or after this day or time: 2026-11-29, 2026-11-29T08:30, 2026-11-29T08:30:00Z."},
      "To": {"name": "to", "in": "query", "schema": {"type": "string"}, "description": "Before this day or time."},
      "Zone": {"name": "zone", "in": "query", "schema": {"type": "string", "default": "UTC"},
               "description": "Of days and of times that do not say it: Europe/Berlin."}
    },
    "responses": {
      "Error": {"description": "It was not done.", "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/Error"}}}},
      "Faults": {"description": "The faults that are injected now.", "content": {"application/json": {"schema": {
        "type": "object", "required": ["faults"], "properties": {
          "faults": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}}}}}}}
    },
    "schemas": {
      "Error": {"type": "object", "required": ["error"], "properties": {"error": {
        "type": "object", "required": ["code", "message", "field"], "properties": {
          "code": {"type": "string"},
          "message": {"type": "string"},
          "field": {"type": ["string", "null"], "description": "The field or parameter it is about."}}}}},
      "Hold": {"type": "string", "enum": ["none", "open", "closed", "drained"],
               "description": "open: nothing is sent there; closed: failures do not open it; drained: nothing new is sent there, and no failure is meant."},
      "FaultKind": {"type": "string", "enum": ["unreachable", "timeout", "status", "slow", "reset", "truncate"]},
      "Fault": {"type": "object", "required": ["deployment", "kind", "share", "remaining_ms"], "properties": {
        "deployment": {"type": "string"},
        "kind": {"$ref": "#/components/schemas/FaultKind"},
        "status": {"type": "integer"},
        "delay": {"type": "string"},
        "share": {"type": "number"},
        "remaining_ms": {"type": "integer"}}},
      "Deployment": {"type": "object",
        "required": ["name", "provider", "region", "routes", "weight", "breaker", "gate", "in_flight", "first_piece_ms", "headroom", "resting_ms"],
        "properties": {
          "name": {"type": "string"},
          "provider": {"type": "string"},
          "region": {"type": "string"},
          "routes": {"type": "array", "items": {"type": "string"}, "description": "The routes that lead to it."},
          "weight": {"type": "integer"},
          "breaker": {"$ref": "#/components/schemas/Breaker"},
          "gate": {"type": ["object", "null"], "required": ["limit", "in_use", "waiting"],
            "description": "Its room: how many at once, now in use, and waiting for it; null: no limit of its own.",
            "properties": {
              "limit": {"type": "integer"}, "in_use": {"type": "integer"}, "waiting": {"type": "integer"}}},
          "in_flight": {"type": "integer"},
          "first_piece_ms": {"type": ["integer", "null"], "description": "To the first piece of an answer, a moving average; null: not known."},
          "headroom": {"type": "number", "description": "What the provider said is left of its limits: 1 all, 0 nothing."},
          "resting_ms": {"type": "integer", "description": "How long it asked to be left alone."},
          "models": {"type": "array", "description": "Of a deployment that stands for several models: those asked for lately.",
            "items": {"type": "object", "required": ["model", "breaker", "resting_ms"], "properties": {
              "model": {"type": "string"},
              "breaker": {"$ref": "#/components/schemas/Breaker"},
              "resting_ms": {"type": "integer"}}}}}},
      "Breaker": {"type": "object", "required": ["state", "hold", "remaining_ms", "openings"], "properties": {
        "state": {"type": "string", "enum": ["closed", "open", "half_open"]},
        "hold": {"$ref": "#/components/schemas/Hold"},
        "remaining_ms": {"type": "integer", "description": "Of its cool-down."},
        "openings": {"type": "integer", "description": "How often it has opened so far."}}},
      "ProviderKey": {"type": "object", "required": ["key", "breaker", "resting_ms", "in_flight", "limits"], "properties": {
        "key": {"type": "string", "description": "provider/name; without a name the first 8 hex digits of its SHA-256."},
        "breaker": {"$ref": "#/components/schemas/Breaker"},
        "resting_ms": {"type": "integer", "description": "How long it is left alone, as it was refused or limited."},
        "in_flight": {"type": "integer"},
        "limits": {"type": "object", "required": ["rpm", "tpm", "concurrency"], "description": "As configured; 0: none.", "properties": {
          "rpm": {"type": "integer"}, "tpm": {"type": "integer"}, "concurrency": {"type": "integer"}}}}},
      "Usd": {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?$", "description": "US dollars, exactly."},
      "Exchange": {"type": "object",
        "required": ["request_id", "arrived", "operation", "key", "team", "user", "tags", "client_request_id", "dialect", "route",
                     "model_asked", "model_served", "deployment", "provider", "stream", "status", "outcome", "fault", "error",
                     "finish_reason", "duration_us", "upstream_us", "first_content_us", "cost_usd", "cost_unknown",
                     "candidates", "excluded", "gave_up", "tries"],
        "properties": {
          "request_id": {"type": "string"},
          "arrived": {"type": "string", "format": "date-time"},
          "operation": {"type": "string"},
          "key": {"type": ["string", "null"], "description": "The caller's name."},
          "team": {"type": ["string", "null"]},
          "user": {"type": ["string", "null"]},
          "tags": {"type": "object", "additionalProperties": {"type": "string"}},
          "client_request_id": {"type": ["string", "null"], "description": "The x-request-id it came with; not ours, and not unique."},
          "dialect": {"type": ["string", "null"]},
          "route": {"type": ["string", "null"]},
          "model_asked": {"type": ["string", "null"]},
          "model_served": {"type": ["string", "null"]},
          "deployment": {"type": ["string", "null"], "description": "That answered, or was asked last."},
          "provider": {"type": ["string", "null"]},
          "stream": {"type": "boolean"},
          "status": {"type": "integer", "description": "That the client got."},
          "outcome": {"type": "string", "enum": ["ok", "client_gone", "error"]},
          "fault": {"type": ["string", "null"]},
          "error": {"type": ["string", "null"]},
          "finish_reason": {"type": ["string", "null"]},
          "duration_us": {"type": "integer"},
          "upstream_us": {"type": "integer", "description": "Spent waiting for providers."},
          "first_content_us": {"type": ["integer", "null"]},
          "cost_usd": {"$ref": "#/components/schemas/Usd"},
          "cost_unknown": {"type": "integer", "description": "Tries that were answered and whose cost is not known, and not in cost_usd."},
          "candidates": {"type": ["array", "null"], "items": {"type": "string"},
                         "description": "In the order in which they would be tried; null: no longer remembered."},
          "excluded": {"type": ["array", "null"], "items": {"type": "object", "required": ["deployment", "reason"], "properties": {
            "deployment": {"type": "string"}, "reason": {"type": "string"}}}},
          "gave_up": {"type": ["string", "null"],
                      "description": "Why no further try was made, where that was not for want of candidates."},
          "tries": {"type": "array", "items": {"$ref": "#/components/schemas/Try"}}}},
      "Try": {"type": "object",
        "required": ["deployment", "provider", "model_routed", "model_served", "keys", "why", "began_us", "paused_us", "queued_us", "duration_us",
                     "status", "outcome", "failure", "error", "finish_reason", "provider_request_id", "usage", "cost_usd",
                     "held_usd", "price_version", "service_tier"],
        "properties": {
          "deployment": {"type": "string"},
          "provider": {"type": ["string", "null"]},
          "model_routed": {"type": ["string", "null"], "description": "That the provider was asked for."},
          "model_served": {"type": ["string", "null"], "description": "As the provider names it."},
          "began_us": {"type": "integer", "description": "After the request's arrival."},
          "keys": {"type": ["string", "null"], "description": "Of a provider with several: the labels of those that were shown, in order; null: it has one, or the request is not remembered."},
          "why": {"type": "string", "enum": ["first", "fallback", "retry", "last_resort", "hedge", "continued"]},
          "paused_us": {"type": ["integer", "null"], "description": "Before it began; null: no longer remembered."},
          "queued_us": {"type": "integer", "description": "For room at the deployment."},
          "duration_us": {"type": "integer"},
          "status": {"type": "integer", "description": "The provider's; 0: none came."},
          "outcome": {"type": "string", "description": "served, abandoned, or what failed."},
          "failure": {"type": ["string", "null"], "description": "The class by which was decided what follows."},
          "error": {"type": ["string", "null"]},
          "finish_reason": {"type": ["string", "null"]},
          "provider_request_id": {"type": ["string", "null"]},
          "usage": {"type": ["object", "null"], "description": "null: nobody told.", "properties": {
            "source": {"type": "string", "enum": ["provider", "estimated"]},
            "input_tokens": {"type": "integer", "description": "All that was read, from caches too."},
            "output_tokens": {"type": "integer"}}},
          "cost_usd": {"type": ["string", "null"], "description": "null: not known."},
          "held_usd": {"type": "string", "description": "No cost: the most it can have cost, where budgets have counted that because nobody told what it used; 0 where the cost is known."},
          "price_version": {"type": ["string", "null"], "description": "Of the price it was computed with; null: it was not charged, or its cost is not known."},
          "service_tier": {"type": ["string", "null"], "description": "As answered."}}},
      "Sum": {"type": "object",
        "required": ["exchanges", "failed", "error_rate", "client_left", "attempts", "input_tokens", "cache_read_tokens",
                     "cache_write_tokens", "output_tokens", "reasoning_tokens", "cost_usd", "cost_unknown", "estimated_usd",
                     "held_usd", "duration_us", "waste"],
        "properties": {
          "exchanges": {"type": "integer"},
          "failed": {"type": "integer"},
          "error_rate": {"type": ["string", "null"], "description": "failed of exchanges: 0.0125."},
          "client_left": {"type": "integer", "description": "Exchanges whose client went away; they are none that failed."},
          "attempts": {"type": "integer"},
          "input_tokens": {"type": "integer", "description": "From and into caches included."},
          "cache_read_tokens": {"type": "integer"},
          "cache_write_tokens": {"type": "integer"},
          "output_tokens": {"type": "integer", "description": "Reasoning included."},
          "reasoning_tokens": {"type": "integer"},
          "cost_usd": {"$ref": "#/components/schemas/Usd"},
          "cost_unknown": {"type": "integer", "description": "Attempts that were answered and whose cost is not known."},
          "estimated_usd": {"$ref": "#/components/schemas/Usd"},
          "held_usd": {"type": "string", "description": "No cost: the most that attempts of unknown cost can have had, which their budgets have counted."},
          "duration_us": {"type": "integer"},
          "waste": {"type": "object", "required": ["cost_usd", "failed_attempts", "hedges_lost", "aborted", "retries"],
            "description": "Paid for and not used: cost_usd is that of failed_attempts, hedges_lost and aborted. A retry is an attempt that was made again, whatever became of it.",
            "properties": {
              "cost_usd": {"$ref": "#/components/schemas/Usd"},
              "failed_attempts": {"$ref": "#/components/schemas/Waste"}, "hedges_lost": {"$ref": "#/components/schemas/Waste"},
              "aborted": {"$ref": "#/components/schemas/Waste"}, "retries": {"$ref": "#/components/schemas/Waste"}}}}},
      "Waste": {"type": "object", "required": ["count", "cost_usd"], "properties": {
        "count": {"type": "integer"}, "cost_usd": {"$ref": "#/components/schemas/Usd"}}},
      "Report": {"type": "object", "required": ["by", "team", "from", "to", "period", "zone", "total", "rows", "movers"], "properties": {
        "by": {"type": "string"}, "team": {"type": ["string", "null"], "description": "null: of all."},
        "from": {"type": "string"}, "to": {"type": "string"},
        "period": {"type": "string"}, "zone": {"type": "string"},
        "total": {"$ref": "#/components/schemas/Sum"},
        "rows": {"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/Sum"}, {
          "type": "object", "required": ["from", "to", "value"], "properties": {
            "from": {"type": "string"}, "to": {"type": "string"},
            "value": {"type": "string", "description": "Empty: what has none."}}}]}},
        "movers": {"type": "object", "required": ["before_from", "metric", "values"], "properties": {
          "before_from": {"type": "string", "description": "They are compared with the time from here to the report's begin."},
          "metric": {"type": "string"},
          "values": {"type": "array", "description": "value, before, now and change; of money before_usd, now_usd and change_usd.",
                     "items": {"type": "object", "required": ["value"], "properties": {"value": {"type": "string"}}}}}}}},
      "KeyTerms": {"type": "object", "description": "What can be given of a key, and changed; null takes a field back.", "properties": {
          "team": {"$ref": "#/components/schemas/Line"},
          "user": {"$ref": "#/components/schemas/Line"},
          "role": {"$ref": "#/components/schemas/GivenRole"},
          "priority": {"type": ["string", "null"], "enum": ["high", "normal", "low", null], "description": "null: normal."},
          "models": {"allOf": [{"$ref": "#/components/schemas/Models"}], "description": "Public model names, * stands for any text; empty: all."},
          "endpoints": {"allOf": [{"$ref": "#/components/schemas/Lines"}], "description": "Such as chat or embeddings; empty: all."},
          "ip_ranges": {"type": ["array", "null"], "maxItems": 1000, "items": {"type": "string", "pattern": "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"}, "description": "Networks such as 10.1.2.0/24; empty: anywhere."},
          "tags": {"$ref": "#/components/schemas/Tags"},
          "limits": {"$ref": "#/components/schemas/Limits"},
          "budget": {"$ref": "#/components/schemas/Budgets"},
          "metadata": {"$ref": "#/components/schemas/Metadata"},
          "expires_at": {"$ref": "#/components/schemas/Time"},
          "blocked": {"$ref": "#/components/schemas/Flag"}}},
      "Key": {"allOf": [{"$ref": "#/components/schemas/KeyTerms"}], "type": "object", "required": ["id", "name", "prefix", "origin", "team", "user", "role", "effective_role", "priority", "models", "endpoints", "ip_ranges", "tags", "limits", "budget", "metadata", "expires_at", "blocked", "created_at", "old_key_until"], "properties": {
          "id": {"type": "string"},
          "name": {"type": "string", "minLength": 1, "maxLength": 100},
          "prefix": {"type": "string", "description": "How the key begins."},
          "role": {"type": "string"}, "priority": {"type": "string"}, "models": {"type": "array"}, "endpoints": {"type": "array"},
          "ip_ranges": {"type": "array"}, "tags": {"type": "object"}, "metadata": {"type": "object"}, "blocked": {"type": "boolean"},
          "effective_role": {"allOf": [{"$ref": "#/components/schemas/Role"}], "description": "Its role, and no more than its user's: what it may do."},
          "origin": {"type": "string", "enum": ["file", "api"], "description": "file: part of the configuration, read only here."},
          "created_at": {"type": ["string", "null"], "format": "date-time"},
          "old_key_until": {"type": ["string", "null"], "format": "date-time"}}},
      "MadeKey": {"allOf": [{"$ref": "#/components/schemas/Key"}], "type": "object", "required": ["key"], "properties": {
          "key": {"type": "string", "description": "What the caller sends."}}},
      "NewKey": {"allOf": [{"$ref": "#/components/schemas/KeyTerms"}], "type": "object", "required": ["name"], "unevaluatedProperties": false, "properties": {
          "name": {"allOf": [{"$ref": "#/components/schemas/Name"}], "pattern": "^(?!key_)"}}},
      "KeyChange": {"allOf": [{"$ref": "#/components/schemas/KeyTerms"}], "type": "object", "unevaluatedProperties": false},
      "TeamTerms": {"type": "object", "description": "What can be given of a team, and changed; null takes a field back.", "properties": {
          "models": {"$ref": "#/components/schemas/Models"},
          "aliases": {"type": ["object", "null"], "maxProperties": 64, "propertyNames": {"minLength": 1, "maxLength": 1000, "pattern": "^[^=\\u0000-\\u001f\\u007f]*$"},
                      "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 1000, "pattern": "^[^*\\u0000-\\u001f\\u007f]*$"},
                      "description": "What its keys may ask for: a public model name."},
          "tags": {"$ref": "#/components/schemas/Tags"},
          "limits": {"$ref": "#/components/schemas/Limits"},
          "budget": {"$ref": "#/components/schemas/Budgets"},
          "weight": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000, "description": "null: 1."},
          "metadata": {"$ref": "#/components/schemas/Metadata"},
          "blocked": {"$ref": "#/components/schemas/Flag"}}},
      "Team": {"allOf": [{"$ref": "#/components/schemas/TeamTerms"}], "type": "object", "required": ["name", "origin", "models", "aliases", "tags", "limits", "budget", "weight", "metadata", "blocked", "created_at"], "properties": {
          "models": {"type": "array"}, "aliases": {"type": "object"}, "tags": {"type": "object"}, "weight": {"type": "integer"},
          "metadata": {"type": "object"}, "blocked": {"type": "boolean"},
          "name": {"type": "string", "minLength": 1, "maxLength": 100},
          "origin": {"type": "string", "enum": ["file", "api"], "description": "file: part of the configuration, read only here."},
          "created_at": {"type": ["string", "null"], "format": "date-time"}}},
      "NewTeam": {"allOf": [{"$ref": "#/components/schemas/TeamTerms"}], "type": "object", "required": ["name"], "unevaluatedProperties": false, "properties": {
          "name": {"$ref": "#/components/schemas/Name"}}},
      "TeamChange": {"allOf": [{"$ref": "#/components/schemas/TeamTerms"}], "type": "object", "unevaluatedProperties": false},
      "UserTerms": {"type": "object", "description": "What can be given of a user, and changed; null takes a field back.", "properties": {
          "email": {"type": ["string", "null"], "format": "email", "maxLength": 254,
                    "pattern": "^[^ ()<>,;:@\\\\\"\\[\\]\\u0000-\\u001f\\u007f]{1,64}@[^. ()<>,;:@\\\\\"\\[\\]\\u0000-\\u001f\\u007f]+([.][^. ()<>,;:@\\\\\"\\[\\]\\u0000-\\u001f\\u007f]+)*$"},
          "role": {"$ref": "#/components/schemas/GivenRole"},
          "teams": {"$ref": "#/components/schemas/Lines"},
          "limits": {"$ref": "#/components/schemas/Limits"},
          "budget": {"$ref": "#/components/schemas/Budgets"},
          "metadata": {"$ref": "#/components/schemas/Metadata"},
          "blocked": {"$ref": "#/components/schemas/Flag"}}},
      "User": {"allOf": [{"$ref": "#/components/schemas/UserTerms"}], "type": "object", "required": ["name", "origin", "email", "role", "teams", "limits", "budget", "metadata", "blocked", "created_at"], "properties": {
          "role": {"type": "string"}, "teams": {"type": "array"}, "metadata": {"type": "object"}, "blocked": {"type": "boolean"},
          "name": {"type": "string", "minLength": 1, "maxLength": 100},
          "origin": {"type": "string", "enum": ["file", "api"], "description": "file: part of the configuration, read only here."},
          "created_at": {"type": ["string", "null"], "format": "date-time"}}},
      "NewUser": {"allOf": [{"$ref": "#/components/schemas/UserTerms"}], "type": "object", "required": ["name"], "unevaluatedProperties": false, "properties": {
          "name": {"$ref": "#/components/schemas/Name"}}},
      "UserChange": {"allOf": [{"$ref": "#/components/schemas/UserTerms"}], "type": "object", "unevaluatedProperties": false},
      "Organisation": {"type": "object", "required": ["name", "origin", "limits", "budget", "metadata", "changed_at"], "properties": {
          "name": {"type": ["string", "null"]},
          "origin": {"type": "string", "enum": ["file", "api"], "description": "Of limits and budget; file: part of the configuration, read only here."},
          "limits": {"$ref": "#/components/schemas/Limits"},
          "budget": {"$ref": "#/components/schemas/Budgets"},
          "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
          "changed_at": {"type": ["string", "null"], "format": "date-time"}}},
      "OrganisationChange": {"type": "object", "required": [], "additionalProperties": false, "properties": {
          "name": {"$ref": "#/components/schemas/Line"},
          "limits": {"$ref": "#/components/schemas/Limits"},
          "budget": {"$ref": "#/components/schemas/Budgets"},
          "metadata": {"$ref": "#/components/schemas/Metadata"}}},
      "Secret": {"type": "object", "required": ["name", "created_at", "changed_at", "used"], "properties": {
          "name": {"type": "string"},
          "created_at": {"type": "string", "format": "date-time"},
          "changed_at": {"type": "string", "format": "date-time"},
          "used": {"type": "boolean", "description": "Whether the configuration in force refers to it."}}},
      "Role": {"type": "string", "enum": ["member", "team_admin", "viewer", "admin", "owner"]},
      "Line": {"type": ["string", "null"], "minLength": 1, "maxLength": 100, "pattern": "^[^\\u0000-\\u001f\\u007f]*$"},
      "Lines": {"type": ["array", "null"], "maxItems": 1000, "items": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[^\\u0000-\\u001f\\u007f]*$"}},
      "Models": {"type": ["array", "null"], "maxItems": 1000, "items": {"type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[^\\u0000-\\u001f\\u007f]*$"}},
      "Tags": {"type": ["object", "null"], "maxProperties": 12, "propertyNames": {"pattern": "^[A-Za-z0-9_./:-]{1,64}$"},
               "additionalProperties": {"type": "string", "maxLength": 256, "pattern": "^[^\\u0000-\\u001f\\u007f]*$", "description": "At most 256 bytes."}},
      "Metadata": {"type": ["object", "null"], "maxProperties": 64, "propertyNames": {"minLength": 1, "maxLength": 1000, "pattern": "^[^=\\u0000-\\u001f\\u007f]*$"},
                   "additionalProperties": {"type": "string", "maxLength": 1000, "pattern": "^[^\\u0000-\\u001f\\u007f]*$"}},
      "Time": {"type": ["string", "null"], "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]*)?Z$", "description": "In UTC, from 1970 to 2200."},
      "Flag": {"type": ["boolean", "null"]},
      "GivenRole": {"type": ["string", "null"], "enum": ["member", "team_admin", "viewer", "admin", "owner", null], "description": "null: member."},
      "Name": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^(?! )[^\\u0000-\\u001f\\u007f]*[^ \\u0000-\\u001f\\u007f]$"},
      "Limits": {"type": ["object", "null"], "additionalProperties": false, "description": "0 or nothing: no limit.", "properties": {
          "rpm": {"type": "integer", "minimum": 0, "maximum": 1000000000000}, "tpm": {"type": "integer", "minimum": 0, "maximum": 1000000000000},
          "concurrency": {"type": "integer", "minimum": 0, "maximum": 1000000}}},
      "Budget": {"type": "object", "required": ["usd"], "additionalProperties": false, "properties": {
          "usd": {"type": "string", "pattern": "^(0*1000000000([.]0+)?|0*[0-9]{1,9}([.][0-9]{1,9}0*)?)$", "description": "A decimal amount such as 12.50, never a number; at most 1000000000."},
          "window": {"type": "string", "default": "total", "pattern": "^(total|day|week|month|[0-9]+(ms|s|m|h|d))$", "description": "total, day, week, month, or a duration."},
          "zone": {"type": "string", "default": "UTC", "minLength": 1, "maxLength": 64, "description": "A time zone of the gateway's system, such as Europe/Berlin."},
          "hard": {"type": "boolean", "default": true},
          "strict": {"type": "boolean", "default": false},
          "alerts": {"type": "array", "maxItems": 10, "items": {"type": "integer", "minimum": 1, "maximum": 1000}, "description": "Percent."},
          "unpriced": {"type": "string", "enum": ["block", "estimate_high", "allow_and_alert"], "description": "What becomes of what has no price or no bound; left out: as the configuration says. Of several budgets the strictest counts."}}},
      "Budgets": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Budget"}, {"type": "array", "maxItems": 8, "items": {"$ref": "#/components/schemas/Budget"}}]},
      "AuditEntry": {"type": "object", "required": ["number", "previous", "at", "kind", "who", "role", "what", "about", "before", "after", "from", "request_id", "count", "hash"], "properties": {
          "number": {"type": "integer"},
          "previous": {"type": "string", "description": "The hash of the entry before it."},
          "at": {"type": "string", "format": "date-time"},
          "kind": {"type": "string", "enum": ["change", "refusal"]},
          "who": {"type": "string"},
          "role": {"type": "string"},
          "what": {"type": "string"},
          "about": {"type": "string"},
          "before": {"type": ["object", "null"]},
          "after": {"type": ["object", "null"], "description": "Of several refusals the first and the last: at, about, tried, request_id. Of one more_than_own: tried, what something was to become. Of config.reload the names of what differs: added, changed, removed."},
          "from": {"type": "string"},
          "request_id": {"type": "string"},
          "count": {"type": "integer", "description": "Of refusals: how many like it."},
          "hash": {"type": "string"}}}
    }
  }
}
)json";

}  // namespace

std::string_view openapi() {
  return kDocument;
}

Result<std::string> get_openapi(const Tools&, const Ask&) {
  return std::string(kDocument);
}

}  // namespace sluice::admin
