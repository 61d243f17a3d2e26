#include "surroundings/host/supervisord.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "nginx/text.hpp"
#include "nginx/units.hpp"
#include "source/glob.hpp"
#include "source/unknown.hpp"
#include "surroundings/formats/unit_file.hpp"

namespace gatelint {

namespace {

constexpr std::size_t max_files = 50'000;
constexpr std::size_t max_copies = 64;
constexpr std::string_view partly_read = "supervisord's files are only partly read";
constexpr std::size_t max_sections = 50'000;

bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/// Takes a text apart as Python's ConfigParser does for supervisord: a comment begins with its line
/// or after a blank, a line that is indented continues the value before it, names are in lower
/// case.
class SettingsReader {
  public:
    SettingsReader(std::string_view text, SourceId source) : text_(text), source_(source) {}

    std::vector<UnitSetting> take() {
        for (std::size_t begin = 0; begin < text_.size();) {
            const std::size_t end = std::min(text_.find('\n', begin), text_.size());
            line(begin, end);
            begin = end + 1;
        }
        return std::move(settings_);
    }

  private:
    void line(std::size_t begin, std::size_t end) {
        const std::size_t line_begin = begin;
        end = without_comment(begin, end);
        while (begin < end && is_blank(text_[begin])) ++begin;
        while (end > begin && is_blank(text_[end - 1])) --end;
        if (begin == end) return;
        const std::size_t indent = begin - line_begin;
        if (is_open_ && indent > indent_) {
            UnitSetting& setting = settings_.back();
            setting.value += '\n';
            append(setting, begin, end);
            return;
        }
        indent_ = indent;
        is_open_ = false;
        if (text_[begin] == '[') {
            heading(begin, end);
            return;
        }
        const std::size_t sign = text_.find_first_of("=:", begin);
        if (sign >= end || sign == begin) return;
        setting(begin, sign, end);
    }

    std::size_t without_comment(std::size_t begin, std::size_t end) const {
        for (std::size_t i = begin; i < end; ++i) {
            const bool is_sign = text_[i] == ';' || text_[i] == '#';
            if (is_sign && (i == begin || is_blank(text_[i - 1]))) return i;
        }
        return end;
    }

    void heading(std::size_t begin, std::size_t end) {
        const std::size_t close = std::min(text_.find(']', begin), end);
        section_ = text_.substr(begin + 1, close - begin - 1);
        heading_ = {source_, static_cast<std::uint32_t>(begin),
                    static_cast<std::uint32_t>(std::min(close + 1, end))};
    }

    void setting(std::size_t begin, std::size_t sign, std::size_t end) {
        std::size_t key_end = sign;
        while (key_end > begin && is_blank(text_[key_end - 1])) --key_end;
        std::size_t value = sign + 1;
        while (value < end && is_blank(text_[value])) ++value;
        UnitSetting made;
        made.section = section_;
        made.heading = heading_;
        made.source = source_;
        made.key = lower_case(text_.substr(begin, key_end - begin));
        append(made, value, end);
        settings_.push_back(std::move(made));
        is_open_ = true;
    }

    void append(UnitSetting& setting, std::size_t begin, std::size_t end) const {
        setting.pieces.push_back({setting.value.size(), static_cast<std::uint32_t>(begin)});
        setting.value += text_.substr(begin, end - begin);
    }

    std::string_view text_;
    SourceId source_;
    std::vector<UnitSetting> settings_;
    std::string section_;
    Span heading_;
    std::size_t indent_ = 0;
    bool is_open_ = false;
};

/// A section: of each setting the one that counts.
struct Section {
    std::string name;
    std::string folder;  ///< of its file: %(here)s
    Span heading;
    std::map<std::string, UnitSetting, std::less<>> settings;

    const UnitSetting* find(std::string_view key) const {
        const auto found = settings.find(key);
        return found == settings.end() || found->second.value.empty() ? nullptr : &found->second;
    }
};

/// What `%(name)s` stands for in a section.
class Expansions {
  public:
    Expansions(const Section& section, const Process& parent, std::size_t number)
        : section_(section), parent_(parent), number_(number) {}

    std::string fill_in(std::string_view text) const {
        std::string filled;
        while (!text.empty()) {
            const std::size_t percent = std::min(text.find('%'), text.size());
            filled += text.substr(0, percent);
            text.remove_prefix(percent);
            if (text.starts_with("%%")) {
                filled += '%';
                text.remove_prefix(2);
            } else if (!text.empty()) {
                text.remove_prefix(take(text, filled));
            }
        }
        return filled;
    }

  private:
    /// `%(name)s`, `%(process_num)02d`; how long it is.
    std::size_t take(std::string_view text, std::string& to) const {
        const std::size_t close = text.find(')');
        if (!text.starts_with("%(") || close == std::string_view::npos) {
            to += unknown_byte;
            return text.size();
        }
        const std::size_t kind = text.find_first_not_of("0123456789", close + 1);
        if (kind == std::string_view::npos || (text[kind] != 's' && text[kind] != 'd')) {
            to += unknown_byte;
            return text.size();
        }
        std::string value = value_of(text.substr(2, close - 2));
        const std::uint64_t width =
            parse_number(text.substr(close + 1, kind - close - 1)).value_or(0);
        while (value.size() < width && value.size() < 20) value.insert(value.begin(), '0');
        to += value;
        return kind + 1;
    }

    std::string value_of(std::string_view name) const {
        if (name == "here") return section_.folder;
        if (name == "process_num") return std::to_string(number_);
        if (name == "program_name") {
            return section_.name.substr(
                std::min(section_.name.find(':') + 1, section_.name.size()));
        }
        if (name.starts_with("ENV_")) {
            const Value* variable = find_variable(parent_, std::string(name.substr(4)));
            if (variable != nullptr) return variable->text;
        }
        return std::string(1, unknown_byte);
    }

    const Section& section_;
    const Process& parent_;
    std::size_t number_;
};

/// `A="b c",D=e` (dict_of_key_value_pairs()).
void take_environment(const UnitSetting& setting, const Expansions& expansions, Process& process) {
    const std::string_view text = setting.value;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t key = std::min(text.find_first_not_of(", \t\r\n", at), text.size());
        const std::size_t equals = text.find('=', key);
        if (equals == std::string_view::npos) return;
        std::size_t begin = equals + 1;
        std::size_t end = std::min(text.find_first_of(",\n", begin), text.size());
        at = end;
        const bool is_quoted = begin < text.size() && (text[begin] == '"' || text[begin] == '\'');
        if (is_quoted) {
            const std::size_t close = text.find(text[begin], begin + 1);
            if (close == std::string_view::npos) return;
            ++begin;
            end = close;
            at = close + 1;
        }
        while (end > begin && is_blank(text[end - 1])) --end;
        std::string name(text.substr(key, equals - key));
        name.erase(name.find_last_not_of(" \t") + 1);
        process.environment.insert_or_assign(
            std::move(name), Value{expansions.fill_in(text.substr(begin, end - begin)),
                                   setting.place(begin, end - begin)});
    }
}

class SupervisordReader {
  public:
    SupervisordReader(const Process& parent, const FileReader& files, Reading& reading)
        : parent_(parent), files_(files), reading_(reading) {}

    Supervisord read(const std::string& path) {
        read_file(path, true);
        if (const Section* own = find("supervisord"); own != nullptr) take_own(*own);
        if (const Section* http = find("inet_http_server"); http != nullptr) add_http(*http);
        if (const Section* http = find("unix_http_server"); http != nullptr) add_unix_http(*http);
        for (const Section& section : sections_) {
            if (section.name.starts_with("program:")) add_program(section);
            if (section.name.starts_with("fcgi-program:")) add_fastcgi(section);
        }
        return std::move(supervisord_);
    }

  private:
    void read_file(const std::string& path, bool is_main) {
        if (seen_.contains(path)) return;
        if (seen_.size() >= max_files) {
            reading_.limit({}, std::string(partly_read));
            return;
        }
        seen_.insert(path);
        const std::optional<SourceId> source = reading_.read(files_, path);
        if (!source) return;
        supervisord_.sources.push_back(*source);
        const std::string folder(directory_of(path));
        for (UnitSetting& setting : SettingsReader(reading_.text(*source), *source).take()) {
            Section* section = open(setting, folder);
            if (section == nullptr) break;
            std::string key = setting.key;
            section->settings.insert_or_assign(std::move(key), std::move(setting));
        }
        // What is included includes nothing itself.
        const Section* include = is_main ? find("include") : nullptr;
        const UnitSetting* patterns = include == nullptr ? nullptr : include->find("files");
        if (patterns == nullptr) return;
        const Expansions expansions(*include, parent_, 0);
        for (const Value& word : split_unit_words(*patterns)) {
            const std::string pattern = expansions.fill_in(word.text);
            if (is_unknown(pattern)) continue;
            const Matches found = glob(absolute_path(folder, pattern), files_);
            if (!found.is_whole) reading_.limit(word.span, std::string(partly_read));
            for (const std::string& file : found.paths) read_file(file, false);
        }
    }

    /// Null where there are more than any real supervisord has.
    Section* open(const UnitSetting& setting, const std::string& folder) {
        const auto found = by_name_.find(setting.section);
        if (found != by_name_.end()) return &sections_[found->second];
        if (sections_.size() >= max_sections) {
            reading_.limit(setting.heading, std::string(partly_read));
            return nullptr;
        }
        by_name_.emplace(setting.section, sections_.size());
        return &sections_.emplace_back(Section{setting.section, folder, setting.heading, {}});
    }

    const Section* find(std::string_view name) const {
        const auto found = by_name_.find(std::string(name));
        return found == by_name_.end() ? nullptr : &sections_[found->second];
    }

    /// What the programs have from supervisord itself.
    void take_own(const Section& section) {
        const Expansions expansions(section, parent_, 0);
        Process own = parent_;
        take(section, expansions, own);
        parent_ = std::move(own);
    }

    static void take(const Section& section, const Expansions& expansions, Process& process) {
        if (const UnitSetting* environment = section.find("environment")) {
            take_environment(*environment, expansions, process);
        }
        if (const UnitSetting* user = section.find("user")) {
            process.user = expansions.fill_in(user->value);
            if (is_unknown(process.user)) process.user.clear();
            // setuid() goes with the user's own group.
            process.group = process.user == "root" ? "root" : "";
        }
        if (const UnitSetting* directory = section.find("directory")) {
            const std::string path = expansions.fill_in(directory->value);
            const bool is_told = path.starts_with('/') && !is_unknown(path);
            process.working_directory = is_told ? absolute_path("", path) : std::string();
        }
        if (const UnitSetting* umask = section.find("umask")) {
            process.umask = parse_permissions(umask->value);
        }
    }

    SupervisedProgram made(const Section& section) const {
        SupervisedProgram program;
        program.name = section.name;
        std::replace(program.name.begin(), program.name.end(), ':', ' ');
        program.section = section.heading;
        program.process = parent_;
        program.process.name = program.name;
        program.process.files = &files_;
        program.process.arguments.clear();
        program.process.sockets.clear();
        return program;
    }

    void add_program(const Section& section) {
        const UnitSetting* command = section.find("command");
        if (command == nullptr) return;
        std::uint64_t copies = 1;
        std::uint64_t first = 0;
        if (const UnitSetting* number = section.find("numprocs")) {
            copies = parse_number(number->value).value_or(1);
        }
        if (const UnitSetting* number = section.find("numprocs_start")) {
            first = parse_number(number->value).value_or(0);
        }
        const std::uint64_t last = first + std::min<std::uint64_t>(copies, max_copies);
        for (std::uint64_t number = first; number < last; ++number) {
            const Expansions expansions(section, parent_, number);
            SupervisedProgram program = made(section);
            take(section, expansions, program.process);
            program.process.span = command->whole().span;
            program.process.arguments = split_unit_words(*command);
            for (Value& word : program.process.arguments) {
                word.text = expansions.fill_in(word.text);
            }
            program.is_command = true;
            supervisord_.programs.push_back(std::move(program));
        }
    }

    void add_fastcgi(const Section& section) {
        const UnitSetting* socket = section.find("socket");
        if (socket == nullptr) return;
        const Expansions expansions(section, parent_, 0);
        SupervisedProgram program = made(section);
        take(section, expansions, program.process);
        const std::string text = expansions.fill_in(socket->value);
        Listener listener = listener_of(program, Protocol::fastcgi, socket->whole().span);
        bool is_told = false;
        if (text.starts_with("unix://")) {
            is_told = take_path(text.substr(7), listener);
            listener.access = access_of(section, "socket_mode", "socket_owner", program.process,
                                        0700, listener.where);
        } else if (text.starts_with("tcp://")) {
            is_told = take_host_and_port(text.substr(6), listener);
        }
        add(std::move(program), std::move(listener), is_told);
    }

    void add_http(const Section& section) {
        const UnitSetting* port = section.find("port");
        if (port == nullptr) return;
        SupervisedProgram program = made(section);
        Listener listener = listener_of(program, Protocol::http, port->whole().span);
        const std::string text = Expansions(section, parent_, 0).fill_in(port->value);
        const bool is_told = take_host_and_port(text, listener);
        add(std::move(program), std::move(listener), is_told);
    }

    void add_unix_http(const Section& section) {
        const UnitSetting* file = section.find("file");
        if (file == nullptr) return;
        SupervisedProgram program = made(section);
        Listener listener = listener_of(program, Protocol::http, file->whole().span);
        const bool is_told =
            take_path(Expansions(section, parent_, 0).fill_in(file->value), listener);
        listener.access =
            access_of(section, "chmod", "chown", program.process, 0700, listener.where);
        add(std::move(program), std::move(listener), is_told);
    }

    Listener listener_of(const SupervisedProgram& program, Protocol protocol, Span where) const {
        Listener listener;
        listener.program = Listener::Program::other;
        listener.name = "supervisord " + program.name;
        listener.speaks = protocol;
        listener.where = where;
        listener.section = program.section;
        listener.place = parent_.place;
        return listener;
    }

    bool take_path(const std::string& path, Listener& listener) const {
        if (!path.starts_with('/') || is_unknown(path)) return false;
        listener.at.kind = Address::Kind::unix_socket;
        listener.at.host = reading_.keep(path);
        return true;
    }

    bool take_host_and_port(std::string_view text, Listener& listener) const {
        const std::size_t colon = text.rfind(':');
        const std::string_view host =
            colon == std::string_view::npos ? std::string_view("0.0.0.0") : text.substr(0, colon);
        const std::optional<std::uint16_t> port =
            parse_port(colon == std::string_view::npos ? text : text.substr(colon + 1));
        if (!port || is_unknown(text)) return false;
        const bool is_any = host.empty() || host == "*";
        listener.at = parse_host(reading_.keep(is_any ? "0.0.0.0" : host)).at_port(*port);
        return true;
    }

    /// The owner is who is written, else who runs the program.
    std::optional<SocketAccess> access_of(const Section& section, std::string_view mode_key,
                                          std::string_view owner_key, const Process& process,
                                          std::uint32_t mode, Span where) const {
        SocketAccess access;
        access.mode = mode;
        access.span = where;
        if (const UnitSetting* written = section.find(mode_key)) {
            const std::optional<std::uint32_t> bits = parse_permissions(written->value);
            if (!bits) return std::nullopt;
            access.mode = *bits;
            access.mode_span = written->whole().span;
        }
        std::string owner = process.user;
        std::string group = process.group;
        if (const UnitSetting* written = section.find(owner_key)) {
            owner = written->value.substr(0, written->value.find(':'));
            const std::size_t colon = written->value.find(':');
            group = colon == std::string::npos ? "" : written->value.substr(colon + 1);
            access.is_written = true;
            access.span = written->whole().span;
        }
        if (owner.empty() || is_unknown(owner) || is_unknown(group)) return std::nullopt;
        access.owner = reading_.keep(owner);
        access.group = reading_.keep(group);
        return access;
    }

    void add(SupervisedProgram program, Listener listener, bool is_told) {
        if (is_told) {
            program.listener = std::move(listener);
        } else {
            reading_.remark(listener.where, "cannot tell where " + listener.name + " listens");
        }
        supervisord_.programs.push_back(std::move(program));
    }

    Process parent_;
    const FileReader& files_;
    Reading& reading_;
    std::set<std::string> seen_;
    std::vector<Section> sections_;
    std::unordered_map<std::string, std::size_t> by_name_;
    Supervisord supervisord_;
};

}  // namespace

Supervisord read_supervisord(const std::string& path, const Process& parent,
                             const FileReader& files, Reading& reading) {
    return SupervisordReader(parent, files, reading).read(path);
}

}  // namespace gatelint
