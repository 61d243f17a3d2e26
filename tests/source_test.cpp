#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "input/locate.hpp"
#include "source/arena.hpp"
#include "source/disk_reader.hpp"
#include "source/dump_reader.hpp"
#include "source/overlay_reader.hpp"
#include "source/sources.hpp"
#include "source/utf8.hpp"
#include "temporary_directory.hpp"

namespace gatelint {

namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

/// line:column of an offset.
std::string place(std::string text, std::uint32_t offset) {
    Sources sources;
    const Position position = sources.position(sources.add("f", std::move(text)), offset);
    return std::to_string(position.line) + ':' + std::to_string(position.column);
}

/// The directory as a host's whole file system.
DiskReader host(const TemporaryDirectory& directory) {
    PathMap map;
    map.add("", directory.at(""));
    return {map, true};
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
}

std::string_view name_of(ReadStatus status) {
    constexpr std::array<std::string_view, 8> names = {"ok",         "missing",   "dangling_link",
                                                       "unreadable", "directory", "not_a_file",
                                                       "too_large",  "outside"};
    return names[static_cast<std::size_t>(status)];
}

/// What became of the file: its text, or why there is none.
std::string read(const FileReader& files, const std::string& path) {
    const ReadResult result = files.read(path);
    return result.status == ReadStatus::ok ? result.text
                                           : '(' + std::string(name_of(result.status)) + ')';
}

}  // namespace

TEST_SUITE("positions") {
    TEST_CASE("lines end at LF only") {
        struct Case {
            std::string_view text;
            std::uint32_t offset;
            std::string_view place;
        };
        constexpr std::array<Case, 12> cases = {{
            {"", 0, "1:1"},
            {"ab", 0, "1:1"},
            {"ab", 2, "1:3"},
            {"a\nb", 1, "1:2"},
            {"a\nb", 2, "2:1"},
            {"a\n", 2, "2:1"},
            {"\n\n", 2, "3:1"},
            {"a\r\nb", 1, "1:2"},
            {"a\r\nb", 2, "1:3"},
            {"a\r\nb", 3, "2:1"},
            {"a\rb", 2, "1:3"},
            {"\ta", 1, "1:2"},
        }};
        for (const Case& each : cases) {
            CAPTURE(each.text);
            CAPTURE(each.offset);
            CHECK(place(std::string(each.text), each.offset) == each.place);
        }
    }

    TEST_CASE("columns count code points") {
        CHECK(place("\xC3\xA4x", 2) == "1:2");
        CHECK(place("\xF0\x9F\x98\x80x", 4) == "1:2");
        CHECK(place("\xFF\xFEx", 2) == "1:3");
        CHECK(place("\xEF\xBB\xBFx", 3) == "1:2");
        CHECK(place("a\0b"s, 2) == "1:3");
    }

    TEST_CASE("a line is given without its LF, the last one also without one") {
        Sources sources;
        const SourceId source = sources.add("f", "one\r\ntwo\n\nlast");
        CHECK(sources.line_count(source) == 4);
        CHECK(sources.line(source, 1) == "one\r");
        CHECK(sources.line(source, 2) == "two");
        CHECK(sources.line(source, 3).empty());
        CHECK(sources.line(source, 4) == "last");
        CHECK(sources.line_begin(source, 4) == 10);
        CHECK(sources.line_of(source, 8) == 2);
        CHECK(sources.line_of(source, 14) == 4);
    }

    TEST_CASE("a place in an endless line has the column that counting gives") {
        std::string text = "first\n";
        for (int i = 0; i < 700; ++i) text += "a\xC3\xA4\xF0\x9F\x98\x80\xE2\x82;\xFF ";
        text += "\nlast\xC3\xA4 line";
        Sources sources;
        const SourceId source = sources.add("f", text);
        for (std::uint32_t offset = 6; offset < text.size(); offset += 7) {
            const std::size_t begin = text.rfind('\n', offset - 1) + 1;
            const std::string_view before = std::string_view(text).substr(begin, offset - begin);
            const Position at = sources.position(source, offset);
            CHECK(at.column == code_points(before) + 1);
            CHECK(sources.position(source, offset, ColumnUnit::utf16_unit).column ==
                  utf16_units(before) + 1);
        }
        const Stretch stretch = sources.stretch({source, 2, 8});
        CHECK(stretch.begin.line == 1);
        CHECK(stretch.end.line == 2);
        CHECK(stretch.end.column == 3);
    }

    TEST_CASE("texts stay where they are while others are added") {
        Sources sources;
        const SourceId first = sources.add("first", "short");
        const std::string_view text = sources.text(first);
        for (int i = 0; i < 1000; ++i) sources.add("other", "x");
        CHECK(sources.size() == 1001);
        CHECK(sources.text(first).data() == text.data());
        CHECK(sources.path(first) == "first");
        CHECK(sources.text(Span{first, 1, 3}) == "ho");
        CHECK(sources.text(Span{first, 5, 5}).empty());
    }

    TEST_CASE("a NUL byte follows each text") {
        Sources sources;
        const std::string_view text = sources.text(sources.add("f", "abc"));
        CHECK(text.data()[text.size()] == '\0');
    }

    TEST_CASE("spans order by source, then by place, and know whether they are any") {
        const Span none;
        const Span first{SourceId{0}, 1, 2};
        const Span second{SourceId{0}, 4, 9};
        CHECK_FALSE(none.known());
        CHECK(first.known());
        CHECK(first < second);
        CHECK(second < Span{SourceId{1}, 0, 0});
        CHECK(cover(first, second) == Span{SourceId{0}, 1, 9});
    }
}

TEST_SUITE("utf8") {
    TEST_CASE("each maximal bad sequence is one replacement character") {
        struct Case {
            std::string_view bytes;
            std::size_t code_points;
            std::size_t utf16;
        };
        constexpr std::array<Case, 14> cases = {{
            {"", 0, 0},
            {"abc", 3, 3},
            {"\xC3\xA4", 1, 1},
            {"\xE2\x82\xAC", 1, 1},
            {"\xF0\x9F\x98\x80", 1, 2},
            {"\x80", 1, 1},
            {"\xC3", 1, 1},
            {"\xC3x", 2, 2},
            {"\xE2\x82x", 2, 2},
            {"\xF0\x9F\x98", 1, 1},
            {"\xC0\x80", 2, 2},          // overlong
            {"\xED\xA0\x80", 3, 3},      // a surrogate
            {"\xF4\x90\x80\x80", 4, 4},  // beyond U+10FFFF
            {"\xF5\xFF", 2, 2},
        }};
        for (const Case& each : cases) {
            CAPTURE(each.bytes);
            CHECK(code_points(each.bytes) == each.code_points);
            CHECK(utf16_units(each.bytes) == each.utf16);
        }
    }

    TEST_CASE("what is ASCII and what is UTF-8 is told apart from other bytes") {
        CHECK(ascii_length("") == 0);
        CHECK(ascii_length("sixteen letters.") == 16);
        CHECK(ascii_length("eleven long\xC3\xA4") == 11);
        CHECK(printable_ascii_length(" sixteen letters~") == 17);
        CHECK(printable_ascii_length("a tab is\tnone") == 8);
        CHECK(printable_ascii_length("nor is \x7f a letter") == 7);
        CHECK(printable_ascii_length("eleven long\xC3\xA4 and more") == 11);
        CHECK(is_utf8("a\xC3\xA4\xF0\x9F\x98\x80\xEF\xBF\xBD."));
        CHECK_FALSE(is_utf8("a\xC3"));
        CHECK_FALSE(is_utf8("\xED\xA0\x80"));
        CHECK(whole_code_points("a\xC3\xA4z", 2) == 3);
        CHECK(whole_code_points("a\xC3\xA4z", 3) == 3);
        CHECK(whole_code_points("az", 9) == 2);
    }

    TEST_CASE("what is decoded can be encoded again") {
        const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";
        std::string again;
        std::string_view rest = text;
        while (!rest.empty()) append_utf8(again, take_code_point(rest));
        CHECK(again == text);
    }

    TEST_CASE("a bad byte becomes U+FFFD and leaves the next one alone") {
        std::string_view text = "\xE2x";
        CHECK(take_code_point(text) == 0xFFFD);
        CHECK(text == "x");
        std::string replacement;
        append_utf8(replacement, 0xFFFD);
        CHECK(replacement == "\xEF\xBF\xBD");
    }
}

TEST_CASE("an arena keeps what lies in it in place") {
    Arena arena;
    const auto* first = arena.make<int>(7);
    const std::string_view text = arena.copy(std::string_view("text"));
    for (int i = 0; i < 100'000; ++i) arena.make<int>(i);
    CHECK(*first == 7);
    CHECK(text == "text");

    const std::array<char, 3> bytes = {'a', '\0', 'b'};
    CHECK(arena.copy(std::string_view(bytes.data(), bytes.size())) == "a\0b"s);
    CHECK(arena.copy(std::string_view()).empty());
    const std::vector<int> numbers = {1, 2, 3};
    const std::span<const int> copied = arena.copy(std::span<const int>(numbers));
    CHECK(std::vector<int>(copied.begin(), copied.end()) == numbers);
    struct alignas(64) Wide {
        char byte;
    };
    const auto* wide = arena.make<Wide>('x');
    CHECK(reinterpret_cast<std::uintptr_t>(wide) % alignof(Wide) == 0);
}

TEST_SUITE("paths") {
    TEST_CASE("a path is made absolute as text") {
        struct Case {
            std::string_view directory;
            std::string_view path;
            std::string_view absolute;
        };
        constexpr std::array<Case, 11> cases = {{
            {"/etc/nginx", "conf.d/a.conf", "/etc/nginx/conf.d/a.conf"},
            {"/etc/nginx", "/run/a", "/run/a"},
            {"/etc/nginx", "../a", "/etc/a"},
            {"/etc/nginx", "./a/./b", "/etc/nginx/a/b"},
            {"/etc/nginx", "../../../../a", "/a"},
            {"/etc/nginx/", "a//b/", "/etc/nginx/a/b"},
            {"", "a", "/a"},
            {"/", "a", "/a"},
            {"/etc", "", "/etc"},
            {"/etc", "/", "/"},
            {"/etc", "..", "/"},
        }};
        for (const Case& each : cases) {
            CAPTURE(each.path);
            CHECK(absolute_path(each.directory, each.path) == each.absolute);
        }
    }

    TEST_CASE("a path has a directory and a name") {
        CHECK(directory_of("/etc/nginx/nginx.conf") == "/etc/nginx");
        CHECK(directory_of("/nginx.conf").empty());
        CHECK(directory_of("nginx.conf").empty());
        CHECK(base_name("/etc/nginx/nginx.conf") == "nginx.conf");
        CHECK(base_name("nginx.conf") == "nginx.conf");
    }

    TEST_CASE("the longest mapped prefix decides where a host path lies") {
        PathMap map;
        map.add("", "/srv/root");
        map.add("/etc/nginx/", "/repo/conf/");
        map.add("/etc/nginx/snippets", "/repo/snippets");
        CHECK(map.to_disk("/run/a") == "/srv/root/run/a");
        CHECK(map.to_disk("/etc/nginx/a") == "/repo/conf/a");
        CHECK(map.to_disk("/etc/nginx") == "/repo/conf");
        CHECK(map.to_disk("/etc/nginx-old/a") == "/srv/root/etc/nginx-old/a");
        CHECK(map.to_disk("/etc/nginx/snippets/a") == "/repo/snippets/a");
        CHECK(map.to_host("/repo/conf/a") == "/etc/nginx/a");
        CHECK(map.to_host("/repo/snippets/a") == "/etc/nginx/snippets/a");
        CHECK(map.to_host("/srv/root/run/a") == "/run/a");
        CHECK(map.to_host("/elsewhere").empty());
    }

    TEST_CASE("what is not mapped lies nowhere") {
        PathMap map;
        map.add("/etc/nginx", "/repo/conf");
        CHECK(map.to_disk("/etc").empty());
        CHECK(map.to_disk("/etc/nginxx").empty());
        CHECK(map.to_host("/repo/config").empty());
        PathMap whole;
        whole.add("", "");
        CHECK(whole.to_disk("/etc/passwd") == "/etc/passwd");
        CHECK(whole.to_disk("") == "/");
        CHECK(whole.to_host("/etc/passwd") == "/etc/passwd");
    }
}

TEST_CASE("files in memory form directories") {
    const MemoryReader files({{"/etc/nginx/nginx.conf", "main"},
                              {"/etc/nginx/conf.d/b.conf", "b"},
                              {"/etc/nginx/conf.d/a.conf", "a"},
                              {"/etc/nginx-x", "x"}});
    CHECK(read(files, "/etc/nginx/nginx.conf") == "main");
    CHECK(read(files, "/etc/nginx") == "(directory)");
    CHECK(read(files, "/etc/nginx/none") == "(missing)");
    CHECK(joined(files.list("/etc/nginx")) == "conf.d/ nginx.conf");
    CHECK(joined(files.list("/etc/nginx/conf.d/")) == "a.conf b.conf");
    CHECK(joined(files.list("/etc")) == "nginx-x nginx/");
    CHECK(joined(files.list("")) == "etc/");
    CHECK(joined(files.list("/none")).empty());
    CHECK(files.complete());
    CHECK_FALSE(MemoryReader({}, false).complete());
}

TEST_SUITE("files on disk") {
    TEST_CASE("bytes are read as they are") {
        const TemporaryDirectory directory;
        directory.write("/etc/a.conf", "a\r\n\0\xFF"s);
        directory.write("/etc/empty", "");
        const ReadResult result = host(directory).read("/etc/a.conf");
        CHECK(result.status == ReadStatus::ok);
        CHECK(result.text == "a\r\n\0\xFF"s);
        CHECK(result.file == directory.at("/etc/a.conf"));
        CHECK(read(host(directory), "/etc/empty").empty());
        CHECK(read(host(directory), "/etc/none") == "(missing)");
        CHECK(read(host(directory), "/etc/a.conf/b") == "(missing)");
        CHECK(read(host(directory), "/etc") == "(directory)");
    }

    TEST_CASE("a directory is listed bytewise, directories with a slash") {
        const TemporaryDirectory directory;
        directory.write("/d/b", "");
        directory.write("/d/B", "");
        directory.write("/d/.hidden", "");
        directory.write("/d/sub/x", "");
        directory.link("/d/linked", "sub");
        CHECK(joined(host(directory).list("/d")) == ".hidden B b linked/ sub/");
        CHECK(joined(host(directory).list("/d/linked")) == "x");
        CHECK(joined(host(directory).list("/none")).empty());
        CHECK(joined(host(directory).list("")) == "d/");
    }

    TEST_CASE("links are followed as the host would") {
        const TemporaryDirectory directory;
        directory.write("/etc/nginx/sites-available/shop.conf", "shop");
        directory.link("/etc/nginx/sites-enabled/relative.conf", "../sites-available/shop.conf");
        directory.link("/etc/nginx/sites-enabled/absolute.conf",
                       "/etc/nginx/sites-available/shop.conf");
        directory.link("/etc/nginx/sites-enabled/chain.conf", "absolute.conf");
        directory.link("/opt/nginx", "/etc/nginx");
        directory.link("/opt/top", "/");
        for (const std::string_view path :
             {"/etc/nginx/sites-enabled/relative.conf", "/etc/nginx/sites-enabled/absolute.conf",
              "/etc/nginx/sites-enabled/chain.conf", "/opt/nginx/sites-enabled/chain.conf",
              "/opt/top/etc/nginx/sites-available/shop.conf"}) {
            CAPTURE(path);
            const ReadResult result = host(directory).read(std::string(path));
            CHECK(result.text == "shop");
            CHECK(result.file == directory.at("/etc/nginx/sites-available/shop.conf"));
        }
    }

    TEST_CASE("a link to the top of the host keeps what is mapped below it") {
        const TemporaryDirectory directory;
        directory.write("/conf/nginx.conf", "mapped");
        directory.link("/root/opt/top", "/");
        PathMap map;
        map.add("", directory.at("/root"));
        map.add("/etc/nginx", directory.at("/conf"));
        CHECK(read(DiskReader(map, true), "/opt/top/etc/nginx/nginx.conf") == "mapped");
    }

    TEST_CASE("a link cannot leave the root") {
        const TemporaryDirectory directory;
        directory.write("/secret", "secret");
        directory.write("/root/etc/a.conf", "a");
        directory.link("/root/etc/up.conf", "../../../../secret");
        directory.link("/root/etc/out.conf", directory.at("/secret"));
        directory.link("/root/etc/out", directory.at(""));
        PathMap map;
        map.add("", directory.at("/root"));
        const DiskReader files(map, true);
        CHECK(read(files, "/etc/a.conf") == "a");
        CHECK(read(files, "/etc/up.conf") == "(dangling_link)");
        CHECK(read(files, "/etc/out.conf") == "(dangling_link)");
        CHECK(read(files, "/etc/out/secret") == "(dangling_link)");
        CHECK(joined(files.list("/etc/out")).empty());
    }

    TEST_CASE("a link out of what is mapped is not followed") {
        const TemporaryDirectory directory;
        directory.write("/secret", "secret");
        directory.write("/conf/a.conf", "a");
        directory.link("/conf/out.conf", directory.at("/secret"));
        PathMap map;
        map.add("/etc/nginx", directory.at("/conf"));
        const DiskReader files(map, false);
        CHECK(read(files, "/etc/nginx/a.conf") == "a");
        CHECK(read(files, "/etc/nginx/out.conf") == "(outside)");
        CHECK(read(files, "/etc/passwd") == "(outside)");
        CHECK(read(files, "/etc") == "(outside)");
        CHECK(joined(files.list("/etc")).empty());
    }

    TEST_CASE("what is mapped may lie below directories that this disk lacks") {
        const TemporaryDirectory directory;
        directory.write("/conf/a.conf", "a");
        fs::create_directories(directory.at("/root"));
        PathMap map;
        map.add("", directory.at("/root"));
        map.add("/etc/nginx", directory.at("/conf"));
        const DiskReader files(map, true);
        CHECK(read(files, "/etc/nginx/a.conf") == "a");
        CHECK(read(files, "/etc/nginx/none") == "(missing)");
        CHECK(read(files, "/etc/other") == "(missing)");
    }

    TEST_CASE("links that lead nowhere or round in circles end") {
        const TemporaryDirectory directory;
        directory.link("/dangling", "none");
        directory.link("/self", "self");
        directory.link("/a", "b");
        directory.link("/b", "a");
        const DiskReader files = host(directory);
        CHECK(read(files, "/dangling") == "(dangling_link)");
        CHECK(read(files, "/self") == "(unreadable)");
        CHECK(read(files, "/a") == "(unreadable)");
    }

    TEST_CASE("a pipe is never opened") {
        const TemporaryDirectory directory;
        REQUIRE(::mkfifo(directory.at("/pipe").c_str(), 0600) == 0);
        directory.link("/link", "pipe");
        CHECK(read(host(directory), "/pipe") == "(not_a_file)");
        CHECK(read(host(directory), "/link") == "(not_a_file)");
    }

    TEST_CASE("a device is never opened") {
        PathMap map;
        map.add("", "");
        CHECK(read(DiskReader(map, true), "/dev/zero") == "(not_a_file)");
    }

    TEST_CASE("a file without read permission is unreadable") {
        if (::geteuid() == 0) return;  // root reads everything
        const TemporaryDirectory directory;
        directory.write("/closed", "secret");
        REQUIRE(::chmod(directory.at("/closed").c_str(), 0) == 0);
        CHECK(read(host(directory), "/closed") == "(unreadable)");
    }

    TEST_CASE("a file that is too large is not read") {
        const TemporaryDirectory directory;
        directory.write("/large", "");
        fs::resize_file(directory.at("/large"), FileReader::max_size + 1);  // sparse
        CHECK(read(host(directory), "/large") == "(too_large)");
    }

    TEST_CASE("every status is described") {
        for (int status = 0; status < 8; ++status) {
            CHECK_FALSE(describe(static_cast<ReadStatus>(status)).empty());
        }
    }
}

TEST_SUITE("a text over other files") {
    TEST_CASE("it hides the file, and shows under its name") {
        const MemoryReader below({{"/n/a.conf", "old"}, {"/n/b.conf", "b"}}, false);
        const OverlayReader files(below, {"/n/a.conf", "new", "n/a.conf"});
        CHECK(files.read("/n/a.conf").text == "new");
        CHECK(files.read("/n/a.conf").file == "n/a.conf");
        CHECK(files.read("/n/b.conf").text == "b");
        CHECK(files.list("/n") == std::vector<std::string>{"a.conf", "b.conf"});
        CHECK_FALSE(files.complete());
    }

    TEST_CASE("a file that is not there yet is listed where it will be, if it is to be") {
        const MemoryReader below({{"/n/a", ""}, {"/n/c", ""}});
        const OverlayReader saved(below, {"/n/b", "b", "n/b", true});
        CHECK(saved.list("/n") == std::vector<std::string>{"a", "b", "c"});
        CHECK(saved.list("/") == std::vector<std::string>{"n/"});
        CHECK(saved.read("/n/b").status == ReadStatus::ok);
        CHECK(saved.complete());
        const OverlayReader unlisted(below, {"/n/b", "b", "n/b"});
        CHECK(unlisted.list("/n") == std::vector<std::string>{"a", "c"});
    }

    TEST_CASE("it shows through links to the file") {
        const TemporaryDirectory directory;
        directory.write("/available/x", "old");
        directory.link("/enabled/x", "../available/x");
        const DiskReader disk = host(directory);
        const OverlayReader files(disk, {"/available/x", "new", directory.at("/available/x")});
        CHECK(files.read("/enabled/x").text == "new");
    }
}

TEST_SUITE("dumps of nginx -T") {
    constexpr std::string_view dump =
        "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n"
        "nginx: configuration file /etc/nginx/nginx.conf test is successful\n"
        "# configuration file /etc/nginx/nginx.conf:\n"
        "events {}\nhttp { include conf.d/*.conf; }\n\n"
        "# configuration file /etc/nginx/conf.d/a.conf:\n"
        "# no newline at the end\n"
        "# configuration file /etc/nginx/conf.d/empty.conf:\n"
        "\n"
        "# configuration file /etc/nginx/last:\n"
        "last;\n\n";

    TEST_CASE("the parts lie where they were, byte for byte") {
        const DumpReader files(dump);
        CHECK(files.main() == "/etc/nginx/nginx.conf");
        CHECK(files.read("/etc/nginx/nginx.conf").text ==
              "events {}\nhttp { include conf.d/*.conf; }\n");
        CHECK(files.read("/etc/nginx/nginx.conf").file == "/etc/nginx/nginx.conf");
        CHECK(files.read("/etc/nginx/conf.d/a.conf").text == "# no newline at the end");
        CHECK(files.read("/etc/nginx/conf.d/empty.conf").text.empty());
        CHECK(files.read("/etc/nginx/last").text == "last;\n");
        CHECK(files.list("/etc/nginx/conf.d") == std::vector<std::string>{"a.conf", "empty.conf"});
    }

    TEST_CASE("what is not in it is out of sight, but for what a pattern matches") {
        const DumpReader files(dump);
        CHECK(files.read("/etc/nginx/cut").status == ReadStatus::outside);
        CHECK(files.list("/run").empty());
        CHECK_FALSE(files.complete());
        CHECK(files.knows_includes());
    }

    TEST_CASE("names are kept as they are written") {
        const DumpReader files("# configuration file ./nginx.conf:\na;\n");
        CHECK(files.main() == "/nginx.conf");
        CHECK(files.read("/nginx.conf").file == "./nginx.conf");
    }

    TEST_CASE("a dump is known by its first line, but for nginx's own words") {
        CHECK(is_dump(dump));
        CHECK(is_dump("# configuration file /a:"));
        CHECK(is_dump("\r\nnginx: test is successful\r\n# configuration file /a:\r\nb;\r\n"));
        CHECK(is_dump("2026/01/02 03:04:05 [warn] 7#7: x\n# configuration file /a:\n"));
        CHECK_FALSE(is_dump(""));
        CHECK_FALSE(is_dump("events {}\n# configuration file /a:\n"));
        CHECK_FALSE(is_dump("# comment\n# configuration file /a:\n"));
        CHECK_FALSE(is_dump("# configuration file for the shop:\nevents {}\n"));
        CHECK_FALSE(is_dump("# configuration file /a\n"));
        CHECK(DumpReader("events {}").main().empty());
    }

    TEST_CASE("a comment that only resembles a mark belongs to its file") {
        const DumpReader files(
            "# configuration file /a:\n # configuration file /b:\n# configuration file c:\nx;\n");
        CHECK(files.read("/a").text == " # configuration file /b:\n# configuration file c:\nx;");
    }

    TEST_CASE("of a file that is there twice the first is taken") {
        const DumpReader files("# configuration file /a:\n1;\n# configuration file /a:\n2;\n");
        CHECK(files.read("/a").text == "1;");
    }
}

TEST_SUITE("the files below a directory") {
    std::string files_below(const FileReader& files, const std::string& top) {
        std::string out;
        const auto tree = files.tree(top);
        for (const std::string& path : tree->files()) out += path + '\n';
        return out;
    }

    DiskReader reader_of(const TemporaryDirectory& host) {
        PathMap map;
        map.add("", host.path().string());
        return {std::move(map), true};
    }

    TEST_CASE("those of upper folders come first, and other people's code not at all") {
        const std::map<std::string, std::string> texts = {
            {"/r/b", ""}, {"/r/a/c", ""}, {"/r/a/vendor/d", ""}, {"/r/z", ""}, {"/other", ""}};
        const TemporaryDirectory host;
        for (const auto& [path, text] : texts) host.write(path, text);
        const std::string below = "/r/b\n/r/z\n/r/a/c\n";
        CHECK(files_below(MemoryReader(texts), "/r") == below);
        CHECK(files_below(reader_of(host), "/r") == below);
        CHECK(files_below(reader_of(host), "/r/") == below);
        CHECK(files_below(reader_of(host), "/") == "/other\n" + below);
        CHECK(files_below(reader_of(host), "/gone").empty());
    }

    TEST_CASE(
        "a link to a directory is followed out of the tree, not round in it or off the host") {
        const TemporaryDirectory host;
        const TemporaryDirectory outside;
        outside.write("/secret", "");
        host.write("/r/a/b", "");
        host.write("/shared/c", "");
        fs::create_symlink("/shared", host.at("/r/elsewhere"));
        fs::create_symlink("/r/a", host.at("/r/again"));
        fs::create_symlink("..", host.at("/r/a/up"));
        fs::create_symlink("/", host.at("/r/all"));
        fs::create_symlink(outside.path(), host.at("/r/out"));
        CHECK(files_below(reader_of(host), "/r") == "/r/a/b\n/r/elsewhere/c\n");
    }

    TEST_CASE("what the user maps into a tree is seen there, and what it hides is not") {
        const TemporaryDirectory host;
        host.write("/r/a/b", "");
        host.write("/other/c", "");
        PathMap map;
        map.add("", host.path().string());
        map.add("/r/a", host.at("/other"));
        CHECK(files_below(DiskReader(map, true), "/r") == "/r/a/c\n");
    }

    TEST_CASE("readers of one disk that map it alike share a tree, each by its own names") {
        const TemporaryDirectory host;
        host.write("/r/a", "");
        const auto disk = std::make_shared<Disk>();
        const std::string top = host.at("/r");
        PathMap same;
        same.add(top, top);
        const DiskReader one(same, false, disk);
        const DiskReader two(same, false, disk);
        CHECK(one.tree(top).get() == two.tree(top).get());
        PathMap moved;
        moved.add("/srv", top);
        CHECK(files_below(DiskReader(moved, false, disk), "/srv") == "/srv/a\n");
    }

    TEST_CASE("files of a kind are found by their names") {
        const MemoryReader files({{"/r/a.conf", ""}, {"/r/conf/b", ""}});
        const auto tree = files.tree("/r");
        const auto& found =
            tree->named([](std::string_view name) { return name.ends_with(".conf"); });
        CHECK(found == std::vector<std::string>{"/r/a.conf"});
    }

    TEST_CASE("a very long path is only missing") {
        const TemporaryDirectory host;
        std::string path;
        for (int i = 0; i < 200'000; ++i) path += "/a";
        CHECK(reader_of(host).read(path).status != ReadStatus::ok);
    }
}

TEST_SUITE("where a configuration lies") {
    TEST_CASE("a directory stands for the configuration in it") {
        const TemporaryDirectory directory;
        directory.write("/repo/nginx/nginx.conf", "");
        const Located located = Locator().locate(directory.at("/repo"));
        CHECK(located.error.empty());
        CHECK(located.sight.map.to_disk(located.main) == directory.at("/repo/nginx/nginx.conf"));
        CHECK_FALSE(located.sight.complete);
    }

    TEST_CASE("a directory without a configuration is an error") {
        const TemporaryDirectory directory;
        fs::create_directories(directory.at("/empty"));
        CHECK(Locator().locate(directory.at("/empty")).error.find("no nginx.conf found in it") !=
              std::string::npos);
    }

    TEST_CASE("a repository's directory stands for the places where nginx is installed") {
        const TemporaryDirectory directory;
        directory.write("/repo/nginx.conf", "");
        const Located located = Locator().locate(directory.at("/repo/nginx.conf"));
        CHECK(located.sight.map.to_disk("/etc/nginx/snippets/a.conf") ==
              directory.at("/repo/snippets/a.conf"));
        CHECK(located.sight.map.to_disk("/usr/local/nginx/conf/a") == directory.at("/repo/a"));
        CHECK(located.sight.map.to_disk("/run/a.sock").empty());
    }

    TEST_CASE("a tree that is laid out as on the host is a root, but not a whole one") {
        const TemporaryDirectory directory;
        directory.write("/files/etc/nginx/nginx.conf", "");
        const Located located = Locator().locate(directory.at("/files/etc/nginx/nginx.conf"));
        CHECK(located.main == "/etc/nginx/nginx.conf");
        CHECK(located.sight.map.to_disk("/etc/php/x") == directory.at("/files/etc/php/x"));
        CHECK_FALSE(located.sight.complete);
    }

    TEST_CASE("under a root the whole host is in sight") {
        const TemporaryDirectory directory;
        directory.write("/root/etc/nginx/nginx.conf", "");
        const Located located =
            Locator(directory.at("/root/")).locate(directory.at("/root/etc/nginx/nginx.conf"));
        CHECK(located.main == "/etc/nginx/nginx.conf");
        CHECK(located.sight.map.to_disk("/run/x") == directory.at("/root/run/x"));
        CHECK(located.sight.complete);
    }

    TEST_CASE("maps are taken beside what is found") {
        const TemporaryDirectory directory;
        directory.write("/repo/nginx.conf", "");
        const std::string main = directory.at("/repo/nginx.conf");
        const Located located = Locator("", {"/srv/www=" + directory.at("/www")}).locate(main);
        CHECK(located.sight.map.to_disk("/srv/www/a") == directory.at("/www/a"));
    }

    TEST_CASE("a project's other files are searched after the configuration's own") {
        const TemporaryDirectory directory;
        directory.write("/project/compose.yaml", "");
        directory.write("/project/docker/nginx/nginx.conf", "");
        const Located located = Locator().locate(directory.at("/project/docker/nginx/nginx.conf"));
        CHECK(joined(located.sight.area.trees) ==
              directory.at("/project/docker/nginx") + ' ' + directory.at("/project"));
    }
}

}  // namespace gatelint
