#include "report/crossplane.hpp"

#include <algorithm>

#include "report/json_writer.hpp"

namespace gatelint {

namespace {

/// Puts the payload into words. The order of keys is the order in which crossplane makes them.
class PayloadWriter {
  public:
    PayloadWriter(const Payload& payload, std::optional<unsigned> indent)
        : payload_(payload), json_(indent) {}

    std::string write() {
        json_.open('{');
        text("status", payload_.failed() ? "failed" : "ok");
        json_.key("errors");
        json_.open('[');
        for (const PayloadFile& file : payload_.files) all_errors(file);
        json_.close(']');
        json_.key("config");
        json_.open('[');
        if (payload_.combined) {
            combined();
        } else {
            for (std::size_t index = 0; index < payload_.files.size(); ++index) one_file(index);
        }
        json_.close(']');
        json_.close('}');
        return json_.take();
    }

  private:
    void text(std::string_view key, std::string_view value) {
        json_.key(key);
        json_.string(value);
    }

    void number(std::string_view key, std::uint64_t value) {
        json_.key(key);
        json_.number(value);
    }

    /// At the payload's top: with the file's name.
    void all_errors(const PayloadFile& file) {
        for (const PayloadError& error : file.errors) {
            json_.open('{');
            text("file", file.name);
            text("error", error.error);
            number("line", error.line);
            if (payload_.callbacks) text("callback", error.callback);
            json_.close('}');
        }
    }

    void own_errors(const PayloadFile& file) {
        for (const PayloadError& error : file.errors) {
            json_.open('{');
            text("error", error.error);
            number("line", error.line);
            json_.close('}');
        }
    }

    void one_file(std::size_t index) {
        const PayloadFile& file = payload_.files[index];
        json_.open('{');
        text("file", file.name);
        text("status", file.errors.empty() ? "ok" : "failed");
        json_.key("errors");
        json_.open('[');
        own_errors(file);
        json_.close(']');
        json_.key("parsed");
        json_.open('[');
        statements(file.statements, index);
        json_.close(']');
        json_.close('}');
    }

    void combined() {
        json_.open('{');
        text("file", payload_.files.front().name);
        text("status", payload_.failed() ? "failed" : "ok");
        json_.key("errors");
        json_.open('[');
        for (const PayloadFile& file : payload_.files) own_errors(file);
        json_.close(']');
        json_.key("parsed");
        json_.open('[');
        open_file(0);
        json_.close(']');
        json_.close('}');
    }

    void open_file(std::size_t index) {
        const bool is_open = std::find(open_.begin(), open_.end(), index) != open_.end();
        if (is_open || open_.size() > max_combined_depth) return;
        open_.push_back(index);
        statements(payload_.files[index].statements, index);
        open_.pop_back();
    }

    void statements(const std::vector<PayloadStatement>& statements, std::size_t file) {
        for (const PayloadStatement& each : statements) {
            if (payload_.combined && each.includes) {
                for (const std::size_t index : *each.includes) open_file(index);
            } else {
                statement(each, file);
            }
        }
    }

    void statement(const PayloadStatement& statement, std::size_t file) {
        json_.open('{');
        if (payload_.combined) text("file", payload_.files[file].name);
        text("directive", statement.directive);
        number("line", statement.line);
        json_.key("args");
        json_.open('[');
        for (const std::string_view arg : statement.args) json_.string(arg);
        json_.close(']');
        if (statement.includes) {
            json_.key("includes");
            json_.open('[');
            for (const std::size_t index : *statement.includes) json_.number(index);
            json_.close(']');
        }
        if (statement.block) {
            json_.key("block");
            json_.open('[');
            statements(*statement.block, file);
            json_.close(']');
        }
        if (statement.comment) text("comment", *statement.comment);
        json_.close('}');
    }

    const Payload& payload_;
    JsonWriter json_;
    std::vector<std::size_t> open_;  ///< the files that are being combined, outermost first
};

}  // namespace

std::string crossplane_json(const Payload& payload, std::optional<unsigned> indent) {
    return PayloadWriter(payload, indent).write();
}

}  // namespace gatelint
