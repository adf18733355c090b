#!/usr/bin/env python3
"""Proves of each house rule that it can fail, that it stays silent where it should, and that a reason exempts from it."""
import tempfile
import unittest
from pathlib import Path

import rules

LAYERS = "sluice_layer(base)\nsluice_layer(json LINK sluice_base)\nsluice_layer(http)\nsluice_layer(chat)\nsluice_layer(net)\n" \
         "sluice_layer(provider)\nsluice_layer(stage)\nsluice_layer(sim)\nsluice_layer(app)\n"
HEADER = "// What it is for.\n#pragma once\n"
LATER = "TO" + "DO"


def function(lines: int) -> str:
    return "int f(int a) {\n" + "  ++a;\n" * (lines - 2) + "}\n"


# rule → files that break it, each in a tree of its own: (path, text, line of the problem)
BROKEN = {
    "layers": [
        ("src/json/a.cpp", '#include <string>\n#include "http/a.h"\n', 2),
        ("src/sim/a.cpp", '#include "provider/a.h"\n', 1),
        ("src/base/a_test.cpp", '#include "base/a.h"\n#include "json/a.h"\n', 2),
        ("src/unknown/a.cpp", "", 1),
    ],
    "siblings": [("src/stage/cache/a.cpp", '#include "stage/route/a.h"\n', 1)],
    "libraries": [
        ("src/http/a.cpp", "#include <boost/asio/buffer.hpp>\n", 1),
        ("src/json/a.h", HEADER + "#include <boost/beast.hpp>\n", 3),
        ("src/base/a.cpp", "#include <openssl/ssl.h>\n", 1),
        ("src/json/a.cpp", "#include <yaml.h>\n", 1),
        ("src/app/commands.cpp", "#include <CLI/CLI.hpp>\n", 1),
    ],
    "regex": [("src/base/a.cpp", "#include <regex>\n", 1), ("src/base/a.cpp", "\nstd::regex word;\n", 2)],
    "streams": [("src/base/a.cpp", "#include <iostream>\n", 1), ("src/base/a.cpp", "\n\nvoid f() { std::cerr << 1; }\n", 3)],
    "using-namespace": [("src/base/a.cpp", "using namespace std;\n", 1), ("src/base/a.cpp", "\nusing namespace boost::asio;\n", 2)],
    "owners": [
        ("src/base/a.cpp", "int* a = new int(1);\n", 1),
        ("src/base/a.cpp", "void f(int* a) {\n  delete a;\n}\n", 2),
        ("src/base/a.cpp", "void f(int* a) {\n  delete[] a;\n}\n", 2),
    ],
    "threads": [("src/http/a.cpp", "std::thread thread(f);\n", 1), ("src/http/a.cpp", "auto a = std::async(f);\n", 1),
                ("src/http/a.cpp", "auto a = named_thread(\"a\", f);\n", 1)],
    "volatile": [("src/base/a.cpp", "volatile int a;\n", 1)],
    "global": [
        ("src/base/a.cpp", "static int calls = 0;\n", 1),
        ("src/base/a.cpp", "int f() {\n  static std::map<int, int> seen;\n  return 1;\n}\n", 2),
        ("src/base/a.h", HEADER + "inline std::string name{};\n", 3),
    ],
    "shared-pointers": [("src/base/a.cpp", "std::shared_ptr<Thing> thing;\n", 1)],
    "unfinished": [
        ("src/base/a.cpp", f"// {LATER}: more\n", 1),
        ("docs/a.md", f"\n{LATER}\n", 2),
        ("tests/system/a.test.mjs", f"// {LATER}\n", 1),
    ],
    "headers": [("src/base/a.h", "#pragma once\n", 1), ("src/base/a.h", "// What it is for.\n", 1)],
    "file-sizes": [("src/base/a.cpp", "\n" * (rules.FILE_LINES + 1), 1)],
    "function-sizes": [
        ("src/base/a.cpp", "namespace a {\n\n" + function(rules.FUNCTION_LINES + 1) + "}\n", 3),
        ("src/base/a.cpp", "class A {\n public:\n" + function(rules.FUNCTION_LINES + 1) + "};\n", 3),
        ("src/base/a.cpp", "A::A(int a) : a_{a}, b_(a) " + function(rules.FUNCTION_LINES + 1).removeprefix("int f(int a) "), 1),
        ("src/base/a.cpp", "#define X(a) \\\n  { a }\nTask<int> B::operator()(B b = {}) const "
         + function(rules.FUNCTION_LINES + 1).removeprefix("int f(int a) "), 3),
    ],
    "paths": [("docs/a.md", "cd /home/" + "me/sluice\n", 1), ("src/base/a_test.cpp", '\nf("/ro' + 'ot/a");  // see /wor' + "k/a\n", 2)],
    "links": [("docs/a.md", "See [the guide](guide/none.md).\n", 1)],
    "named-tests": [("docs/a.md", "\n[one](a.md) “one”, “one” and [two](b.md) “two”\n", 2)],
    "test-namespaces": [
        ("src/base/a_test.cpp", "namespace sluice {\n", 1),
        ("src/base/a_test.cpp", "using namespace sluice;\nnamespace sluice::a_test {\n", 1),
        ("tests/deep/a_test.cpp", "#define A 1\nnamespace sluice::deep::a_test {\n", 1),
    ],
    "lock-files": [("tests/system/node20/package-lock.json", '{\n  "resolved": "https://host/a.tgz"\n}\n', 2)],
    "exemptions": [
        ("src/base/a.cpp", "int a;  // check: allow owner because it is\n", 1),
        ("src/base/a.cpp", "volatile int a;  // check: allow volatile\n", 1),
    ],
}

# Nothing here is a problem.
SOUND = {
    "src/base/a.h": HEADER + '#include <string>\n#include "base/b.h"\nclass A {\n  A(const A&) = delete;\n  static A make();\n'
                             "  static constexpr int kSize = 3;\n};\ninline bool operator==(A, A) { return true; }\n",
    "src/base/a.cpp": '// A new owner: do not delete, volatile, std::regex.\nstd::string_view f() { return "new delete volatile"; }\n'
                      "const char* g() { return R\"(delete a;)\"; }\nauto h() { return std::unique_ptr<A>(new A(1'000)); }\n"
                      "std::shared_ptr<const Snapshot> now;\nusing namespace std::chrono_literals;\n"
                      "void i() {\n  static const std::string kName;\n  thread_local int cached;\n}\n" + function(rules.FUNCTION_LINES),
    "src/base/workers.cpp": "std::jthread thread;\n",
    "src/net/tls.cpp": "#include <openssl/ssl.h>\n#include <boost/asio/ssl.hpp>\nstd::shared_ptr<ClientTls> tls;\n",
    "src/app/main.cpp": '#include <iostream>\n#include "stage/cache/a.h"\n#include "sim/a.h"\n',
    "src/sim/a.cpp": '#include "net/a.h"\n',
    "src/stage/cache/a.cpp": '#include "stage/stage.h"\n#include "stage/cache/a.h"\n',
    "src/base/big_test.cpp": "namespace sluice::big_test {\n" + "\n" * (rules.FILE_LINES + 1) + function(rules.FUNCTION_LINES + 1) + "std::thread thread;\nusing namespace sluice;\n",
    "docs/a.md": "See [the guide](guide/b.md#part) and [elsewhere](https://example.com/elsewhere/x).\n",
    "docs/c.md": "[a](../tests/a.test.mjs) “one”, “it's two”\n",
    "tests/a.test.mjs": "test('one');\ntest('it\\'s two');\n",
    "docs/guide/b.md": "GET /work is not a path of a machine.\n",
}


class RulesTest(unittest.TestCase):
    def problems(self, files: dict[str, str]) -> list[rules.Problem]:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in ({"CMakeLists.txt": LAYERS} | files).items():
                Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
                Path(folder, path).write_text(text)
            return rules.problems(Path(folder))

    def test_every_rule_is_proved_here(self):
        self.assertEqual(set(rules.RULES), set(BROKEN))

    def test_every_rule_fails_where_it_is_broken(self):
        for rule, cases in BROKEN.items():
            for path, text, line in cases:
                with self.subTest(rule=rule, text=text[:60]):
                    found = [p for p in self.problems({path: text}) if p.rule == rule]
                    self.assertEqual([(p.path, p.line) for p in found][:1], [(path, line)])

    def test_a_library_does_not_leave_its_place_through_a_header(self):
        found = self.problems({"src/net/inner.h": HEADER + "#include <boost/asio.hpp>\n",
                               "src/net/outer.h": HEADER + '#include "net/inner.h"\n',
                               "src/provider/a.cpp": '#include "net/outer.h"\n'})
        self.assertEqual([(p.rule, p.path) for p in found], [("libraries", "src/provider/a.cpp")])

    def test_sound_sources_have_no_problem(self):
        self.assertEqual(self.problems(SOUND), [])

    def test_a_reason_exempts_a_line_its_neighbour_below_and_a_file(self):
        reason = "// check: allow volatile because a register is read\n"
        self.assertEqual(self.problems({"src/base/a.cpp": "volatile int a;  " + reason}), [])
        self.assertEqual(self.problems({"src/base/a.cpp": "int b;\n" + reason + "volatile int a;\n"}), [])
        self.assertEqual(self.problems({"src/base/a.cpp": "// Purpose.\n" + reason + "int b;\n\nvolatile int a;\n"}), [])

    def test_a_reason_exempts_nothing_else(self):
        reason = "// check: allow volatile because a register is read\n"
        found = self.problems({"src/base/a.cpp": "int b;\n" + reason + "int c;\nvolatile int a;\nint* d = new int;\n"})
        self.assertEqual([(p.rule, p.line) for p in found], [("owners", 5), ("volatile", 4)])


if __name__ == "__main__":
    unittest.main()
