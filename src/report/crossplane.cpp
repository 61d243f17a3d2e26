#include "report/crossplane.hpp"

#include <algorithm>

#include "report/json_writer.hpp"

namespace gatelint {

namespace {

/// Puts the payload into words. The order of keys is the order in which crossplane makes them.
class PayloadWriter {
  public:
    PayloadWriter(const Payload& payload, std::optional<unsigned> indent)
        : payload_(payload), json_(indent, JsonWriter::Charset::ascii) {}

    std::string write() {
        json_.open('{');
        json_.string("status", payload_.failed() ? "failed" : "ok");
        json_.open("errors", '[');
        for (const PayloadFile& file : payload_.files) all_errors(file);
        json_.close(']');
        json_.open("config", '[');
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
    /// At the payload's top: with the file's name.
    void all_errors(const PayloadFile& file) {
        for (const PayloadError& error : file.errors) {
            json_.open('{');
            json_.string("file", file.name);
            json_.string("error", error.error);
            json_.number("line", error.line);
            if (payload_.callbacks) json_.string("callback", error.callback);
            json_.close('}');
        }
    }

    void own_errors(const PayloadFile& file) {
        for (const PayloadError& error : file.errors) {
            json_.open('{');
            json_.string("error", error.error);
            json_.number("line", error.line);
            json_.close('}');
        }
    }

    void one_file(std::size_t index) {
        const PayloadFile& file = payload_.files[index];
        json_.open('{');
        json_.string("file", file.name);
        json_.string("status", file.errors.empty() ? "ok" : "failed");
        json_.open("errors", '[');
        own_errors(file);
        json_.close(']');
        json_.open("parsed", '[');
        statements(file.statements, index);
        json_.close(']');
        json_.close('}');
    }

    void combined() {
        json_.open('{');
        json_.string("file", payload_.files.front().name);
        json_.string("status", payload_.failed() ? "failed" : "ok");
        json_.open("errors", '[');
        for (const PayloadFile& file : payload_.files) own_errors(file);
        json_.close(']');
        json_.open("parsed", '[');
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
        if (payload_.combined) json_.string("file", payload_.files[file].name);
        json_.string("directive", statement.directive);
        json_.number("line", statement.line);
        json_.open("args", '[');
        for (const std::string_view arg : statement.args) json_.string(arg);
        json_.close(']');
        if (statement.includes) {
            json_.open("includes", '[');
            for (const std::size_t index : *statement.includes) json_.number(index);
            json_.close(']');
        }
        if (statement.block) {
            json_.open("block", '[');
            statements(*statement.block, file);
            json_.close(']');
        }
        if (statement.comment) json_.string("comment", *statement.comment);
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
