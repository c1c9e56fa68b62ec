# authcert brings the auth certificate of Exchange: this runs the script that comes first on standard input.
$ProgressPreference='SilentlyContinue'
$ErrorActionPreference='Stop'
if($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage'){'authcert-1 {"state":"constrained"}';exit 1}
$why='the script did not arrive whole'
try{
$lines=$input
if(-not $lines.MoveNext() -or $lines.Current -cne 'authcert-1' -or -not $lines.MoveNext()){throw $why}
& ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($lines.Current)))) $lines
}catch{}
[Console]::Out.WriteLine('authcert-1 {"state":"failed","message":"'+$why+'"}')
exit 1
