# Writes the scripts of FOLDER as arrays of C into RESULT.
function(bytes_of script ret_bytes)
  file(READ ${FOLDER}/${script} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
  set(${ret_bytes} "${bytes}" PARENT_SCOPE)
endfunction()

bytes_of(bootstrap.ps1 bootstrap)
bytes_of(import.ps1 import)
file(WRITE ${RESULT} "#include \"windows/script.h\"

const char script_bootstrap[] = {
${bootstrap}0};
const unsigned char script_import[] = {
${import}};
const size_t script_import_length = sizeof(script_import);
")
