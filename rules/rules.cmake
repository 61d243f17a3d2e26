# One file per rule: the list of rules is the list of files, and a rule's page shows the fixture that
# its example.txt names. Sets rule_files, and rule_tables to what is generated from them.

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

# The folder of the case that a rule's page shows.
function(find_example id result)
    set(fixtures ${CMAKE_SOURCE_DIR}/fixtures/rules/${id})
    set(named ${fixtures}/example.txt)
    if(NOT EXISTS ${named})
        message(FATAL_ERROR "${named} is missing: it names the case that `gatelint explain ${id}` shows")
    endif()
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${named})
    file(STRINGS ${named} case LIMIT_COUNT 1)
    if(NOT IS_DIRECTORY ${fixtures}/${case}/bad)
        message(FATAL_ERROR "${named} names \"${case}\", but there is no ${fixtures}/${case}/bad")
    endif()
    set(${result} ${fixtures}/${case} PARENT_SCOPE)
endfunction()

# A file as it lies on one side of a case, which is laid over what both sides share.
function(embed_side case side file result)
    if(EXISTS ${case}/${side}/${file})
        embed(${case}/${side}/${file} text)
    else()
        embed(${case}/shared/${file} text)
    endif()
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

set(rule_names "")
foreach(file IN LISTS rule_files)
    get_filename_component(name ${file} NAME_WE)
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

    find_example(${id} case)
    embed(${case}/expected.txt expected)
    embed(${case}/proof.txt proof)
    set(names "")
    foreach(side bad good shared)
        file(GLOB_RECURSE more CONFIGURE_DEPENDS RELATIVE ${case}/${side} ${case}/${side}/*)
        list(APPEND names ${more})
    endforeach()
    list(REMOVE_DUPLICATES names)
    set(rows "")
    foreach(file IN LISTS names)
        embed_side(${case} bad ${file} bad_text)
        embed_side(${case} good ${file} good_text)
        # A file that is the same on both sides is shown if it has a part in what is said.
        string(FIND "${expected}" "--> ${file}:" quoted)
        if(NOT bad_text STREQUAL good_text OR NOT quoted EQUAL -1)
            string(APPEND rows "    {\"${file}\",\n${bad_text},\n${good_text}},\n")
        endif()
    endforeach()
    set(span "{}")
    if(rows)
        string(APPEND files "constexpr Example::File ${name}[] = {\n${rows}};\n")
        set(span ${name})
    endif()
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

write_if_new(${CMAKE_BINARY_DIR}/all_examples.cpp "// Made by rules/rules.cmake of each rule's example.
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
