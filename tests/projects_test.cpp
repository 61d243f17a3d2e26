#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "input/projects.hpp"

namespace gatelint {

namespace {

using Files = std::map<std::string, std::string>;

constexpr const char* site = "server { location / { proxy_pass http://127.0.0.1:3000; } }\n";

std::string joined(const std::vector<std::string>& paths) {
    std::string text;
    for (const std::string& path : paths) text += (text.empty() ? "" : " ") + path;
    return text;
}

/// Which of the files belong to the project of the configuration in `directory`, all below /r.
std::string project_of(const std::string& directory, const Files& files) {
    Tree tree;
    for (const auto& [path, text] : files) tree.add(path);
    const auto read = [&files](const std::string& path) { return files.at(path); };
    const SearchArea area = Projects("/r", tree, read).area_of(directory);
    std::vector<std::string> own;
    for (const auto& [path, text] : files) {
        const std::string folder = path.substr(0, path.rfind('/'));
        const bool is_shared = std::count(area.shared.begin(), area.shared.end(), folder) != 0;
        const bool is_below = path.starts_with(area.trees.back() + '/');
        if (is_shared || (is_below && area.has(path))) own.push_back(path);
    }
    return joined(own);
}

}  // namespace

TEST_SUITE("projects") {
    TEST_CASE("folders that are named for what they hold are one project") {
        const Files files = {{"/r/nginx/nginx.conf", ""},
                             {"/r/php/pool.d/www.conf", "[www]\n"},
                             {"/r/systemd/app.service", ""},
                             {"/r/ledger/gunicorn.conf.py", ""}};
        CHECK(project_of("/r/nginx", files) ==
              "/r/ledger/gunicorn.conf.py /r/nginx/nginx.conf /r/php/pool.d/www.conf "
              "/r/systemd/app.service");
    }

    TEST_CASE("a gateway that is alone in its repository has all of it") {
        const Files files = {{"/r/ledger/nginx.conf", ""}, {"/r/other/app.service", ""}};
        CHECK(project_of("/r/ledger", files) == "/r/ledger/nginx.conf /r/other/app.service");
    }

    TEST_CASE("of several gateways each has what lies in its own project, and above") {
        const Files files = {
            {"/r/shop/nginx/nginx.conf", ""},    {"/r/shop/php/www.conf", "[www]\n"},
            {"/r/blog/site.conf", site},         {"/r/blog/app/app.service", ""},
            {"/r/wiki/php/www.conf", "[www]\n"}, {"/r/Makefile", ""}};
        CHECK(project_of("/r/shop/nginx", files) ==
              "/r/Makefile /r/shop/nginx/nginx.conf /r/shop/php/www.conf");
        CHECK(project_of("/r/blog", files) ==
              "/r/Makefile /r/blog/app/app.service /r/blog/site.conf");
    }

    TEST_CASE("beside projects of their own, only what is named for a part belongs to the top") {
        const Files files = {{"/r/nginx.conf", ""},
                             {"/r/systemd/app.service", ""},
                             {"/r/shop/nginx.conf", ""},
                             {"/r/wiki/php/www.conf", "[www]\n"}};
        CHECK(project_of("/r", files) == "/r/nginx.conf /r/systemd/app.service");
    }

    TEST_CASE("a compose file makes a project of a folder that is not named for a means") {
        const Files files = {{"/r/nginx/nginx.conf", ""},
                             {"/r/docker/docker-compose.yml", ""},
                             {"/r/api/docker-compose.yml", ""},
                             {"/r/api/app.service", ""}};
        CHECK(project_of("/r/nginx", files) == "/r/docker/docker-compose.yml /r/nginx/nginx.conf");
    }

    TEST_CASE("what examples and tests show is no gateway") {
        const Files files = {{"/r/nginx/nginx.conf", ""},
                             {"/r/examples/shop/nginx.conf", ""},
                             {"/r/ledger/app.service", ""}};
        CHECK(project_of("/r/nginx", files) == "/r/ledger/app.service /r/nginx/nginx.conf");
    }
}

}  // namespace gatelint
