# One file per rule: the list of rules is the list of files, and a rule's page shows its first
# fixture. Sets rule_files, and rule_tables to what is generated from them.

file(GLOB rule_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rules/*/*.cpp)
set(rule_tables ${CMAKE_BINARY_DIR}/all_rules.cpp ${CMAKE_BINARY_DIR}/all_examples.cpp)

# Writes a file only if its text is new, so that nothing is compiled twice for the same.
function(write_if_new file text)
    if(EXISTS ${file})
        file(READ ${file} old)
        if(old STREQUAL text)
            return()
        endif()
    endif()
    file(WRITE ${file} "${text}")
endfunction()

# A C++ raw string of a file's text, "" if there is none.
function(embed file result)
    set(text "")
    if(EXISTS ${file})
        file(READ ${file} text)
        set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    endif()
    set(${result} "R\"gatelint(${text})gatelint\"" PARENT_SCOPE)
endfunction()

set(rule_names "")
foreach(file IN LISTS rule_files)
    get_filename_component(name ${file} NAME_WE)
    string(REPLACE "_" "-" id ${name})
    file(GLOB cases CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fixtures/rules/${id}/*/bad)
    if(NOT cases)
        message(FATAL_ERROR "${file} has no fixture: fixtures/rules/${id}/<case>/bad and good")
    endif()
    list(APPEND rule_names ${name})
endforeach()
list(SORT rule_names)

set(declarations "")
set(pointers "")
set(files "")
set(examples "")
foreach(name IN LISTS rule_names)
    string(REPLACE "_" "-" id ${name})
    string(APPEND declarations "namespace ${name} {\nextern const Rule rule;\n}\n")
    string(APPEND pointers "    &rules::${name}::rule,\n")

    file(GLOB cases ${CMAKE_SOURCE_DIR}/fixtures/rules/${id}/*/bad)
    list(GET cases 0 bad)
    get_filename_component(case ${bad} DIRECTORY)
    file(GLOB_RECURSE names CONFIGURE_DEPENDS RELATIVE ${bad} ${bad}/*)
    file(GLOB_RECURSE good_names CONFIGURE_DEPENDS RELATIVE ${case}/good ${case}/good/*)
    list(APPEND names ${good_names})
    list(REMOVE_DUPLICATES names)
    set(rows "")
    foreach(file IN LISTS names)
        embed(${bad}/${file} bad_text)
        embed(${case}/good/${file} good_text)
        if(NOT bad_text STREQUAL good_text)
            string(APPEND rows "    {\"${file}\",\n${bad_text},\n${good_text}},\n")
        endif()
    endforeach()
    set(span "{}")
    if(rows)
        string(APPEND files "constexpr Example::File ${name}[] = {\n${rows}};\n")
        set(span ${name})
    endif()
    embed(${case}/expected.txt expected)
    embed(${case}/proof.txt proof)
    string(APPEND examples "    {\"${id}\", ${span},\n${expected},\n${proof}},\n")
endforeach()

write_if_new(${CMAKE_BINARY_DIR}/all_rules.cpp "// Made by rules/rules.cmake of the names of the files.
#include \"rule.hpp\"

namespace gatelint {

namespace rules {
${declarations}}  // namespace rules

namespace {
constexpr const Rule* all[] = {
${pointers}};
}  // namespace

std::span<const Rule* const> all_rules() { return all; }

}  // namespace gatelint
")

write_if_new(${CMAKE_BINARY_DIR}/all_examples.cpp "// Made by rules/rules.cmake of each rule's first fixture.
#include \"report/example.hpp\"

namespace gatelint {

namespace {
${files}
constexpr Example all[] = {
${examples}};
}  // namespace

std::span<const Example> all_examples() { return all; }

}  // namespace gatelint
")
