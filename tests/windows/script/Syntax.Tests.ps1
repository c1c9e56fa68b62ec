# What may stand in the scripts that run on an Exchange server: held to their syntax trees. Each rule is broken once here.
BeforeAll {
    $root = (Resolve-Path "$PSScriptRoot/../../..").Path
    $script:own = 'import.ps1', 'bootstrap.ps1' | ForEach-Object { [IO.File]::ReadAllText("$root/windows/$_") }

    # Commands beside the functions of the script itself. What is not here needs thought: does it see a secret, does it need
    # more than PowerShell 4?
    $script:commands = 'New-Object', 'Set-StrictMode', 'Get-Service', 'Where-Object'
    $script:types = @(
        'bool', 'byte[]', 'int', 'long', 'string', 'array', 'ordered', 'void', 'scriptblock', 'Array', 'Math', 'Convert', 'Environment', 'TimeSpan'
        'Console', 'Collections.IDictionary', 'Globalization.CultureInfo', 'Text.Encoding', 'IO.Path', 'IO.File', 'Diagnostics.Process'
        'Microsoft.Win32.Registry', 'Net.NetworkInformation.IPGlobalProperties', 'Management.Automation.RuntimeException'
        'Threading.AbandonedMutexException', 'Security.Cryptography.RSACryptoServiceProvider'
        'Security.Cryptography.X509Certificates.RSACertificateExtensions', 'Security.Principal.SecurityIdentifier'
        'Security.Principal.WindowsIdentity', 'Security.Principal.WindowsBuiltInRole')
    $script:made = @(
        'Security.Cryptography.X509Certificates.X509Store', 'Security.Cryptography.X509Certificates.X509Certificate2'
        'Security.Cryptography.SHA256CryptoServiceProvider', 'Security.Principal.SecurityIdentifier', 'Security.Principal.WindowsPrincipal'
        'Security.AccessControl.FileSystemAccessRule', 'IO.DriveInfo', 'Diagnostics.ProcessStartInfo', 'Text.StringBuilder', 'Threading.Mutex')

    function Read-Tree([string] $text) {
        $tokens = $errors = $null
        $tree = [Management.Automation.Language.Parser]::ParseInput($text, [ref] $tokens, [ref] $errors)
        $errors | Should -BeNullOrEmpty
        return @{ Tree = $tree; Tokens = $tokens }
    }
    function Find($tree, [scriptblock] $what) { return @($tree.FindAll($what, $true)) }

    # Offences as text; none is good.
    function Find-New([string] $text) {
        $read = Read-Tree $text
        foreach ($node in Find $read.Tree { $true }) {
            $kind = $node.GetType().Name
            if ($kind -in 'TernaryExpressionAst', 'PipelineChainAst', 'TypeDefinitionAst', 'UsingStatementAst', 'ConfigurationDefinitionAst', 'DynamicKeywordStatementAst') { "$kind" }
            if ($kind -eq 'InvokeMemberExpressionAst' -and $node.Static -and "$($node.Member)" -eq 'new') { '::new' }
            if ($kind -eq 'PipelineAst' -and $node.Background) { 'a background job' }
            if ($kind -eq 'ScriptBlockAst' -and $node.CleanBlock) { 'a clean block' }
            if ($node.psobject.Properties['NullConditional'] -and $node.NullConditional) { 'a null-conditional member' }
        }
        foreach ($token in $read.Tokens) { if ("$($token.Kind)" -like 'QuestionQuestion*' -or "$($token.Kind)" -in 'QuestionDot', 'QuestionLBracket', 'QuestionMark', 'AndAnd', 'OrOr') { "the token $($token.Kind)" } }
    }
    function Find-Banned([string] $text) {
        $tree = (Read-Tree $text).Tree
        $functions = (Find $tree { $args[0] -is [Management.Automation.Language.FunctionDefinitionAst] }).Name
        foreach ($command in Find $tree { $args[0] -is [Management.Automation.Language.CommandAst] }) {
            $name = $command.GetCommandName()
            if ($name) { if ($name -cnotin $functions -and $name -cnotin $commands) { "the command $name" } }
            elseif ("$($command.CommandElements[0])" -cnotin '$Clear' -and "$($command.CommandElements[0])" -notlike '(`[ScriptBlock`]::Create(*') { "the command $command" }
            if ($name -ceq 'New-Object' -and "$($command.CommandElements[1])" -cnotmatch ('\A(' + (($made | ForEach-Object { [regex]::Escape($_) }) -join '|') + ')\z')) {
                "the object $($command.CommandElements[1])"
            }
        }
        foreach ($type in Find $tree { $args[0] -is [Management.Automation.Language.TypeExpressionAst] -or $args[0] -is [Management.Automation.Language.TypeConstraintAst] }) {
            $name = "$($type.TypeName)"
            if ($name -cnotin $types -and -not ($name -ceq 'ScriptBlock' -and $text -clike '*$lines=$input*')) { "the type $name" }
        }
        foreach ($call in Find $tree { $args[0] -is [Management.Automation.Language.MemberExpressionAst] }) {
            if ("$($call.Member)" -in 'GetType', 'InvokeMember', 'GetMethod', 'GetField', 'Invoke', 'InvokeScript', 'Load', 'LoadFrom', 'psobject', 'psbase') { "the member $($call.Member)" }
        }
    }
    # The order and the lines that it came in hold password and PFX. They may be members of the order, and arguments of
    # .NET methods: not of a command, not in a pipeline, not in a text, not under another name.
    function Find-Secret([string] $text) {
        $tree = (Read-Tree $text).Tree
        foreach ($use in Find $tree { $args[0] -is [Management.Automation.Language.VariableExpressionAst] -and "$($args[0])" -in '$Order', '$Lines', '$input' }) {
            $node = $use
            $member = $use.Parent -is [Management.Automation.Language.MemberExpressionAst] -and $use.Parent.Expression -eq $use -and
                "$($use.Parent.Member)" -cin 'Operation', 'Thumbprint', 'Der', 'Nonce', 'Server', 'Named', 'Closing', 'Wrong', 'MoveNext', 'Clear'
            while (-not $member -and $node.Parent -and $node.Parent -isnot [Management.Automation.Language.NamedBlockAst]) {
                $inside = $node
                $node = $node.Parent
                if ($node -is [Management.Automation.Language.CommandAst]) {
                    # In bootstrap.ps1 a line is the script itself, and the enumerator of the rest goes to it.
                    $runs = "$($node.CommandElements[0])" -clike '(`[ScriptBlock`]::Create(*'
                    if (-not $runs -or ($use -ne $inside -and $inside -ne $node.CommandElements[0])) { "$use for the command $node" }
                    break
                }
                if ($node -is [Management.Automation.Language.PipelineAst] -and $node.PipelineElements.Count -gt 1) { "$use in the pipeline $node" }
                if ($node -is [Management.Automation.Language.ExpandableStringExpressionAst]) { "$use in the text $node" }
                if ($node -is [Management.Automation.Language.ReturnStatementAst] -or $node -is [Management.Automation.Language.ThrowStatementAst]) { "$use in $node" }
                # A method of .NET hands out a text or bytes: only into the order again.
                if ($node -is [Management.Automation.Language.AssignmentStatementAst] -and $node.Right -eq $inside -and
                    "$($node.Left)" -cnotlike '$Order`[*`]' -and "$($node.Left) = $($node.Right)" -notin '$Lines = $input') { "$use in $node" }
            }
        }
    }
}

Describe 'the scripts for an Exchange server' {
    It 'are ASCII, and hold no line that is too long to read' {
        foreach ($text in $own) {
            $text | Should -Match '\A[\n\x20-\x7e]*\z'
            ($text -split "`n" | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 180
        }
    }
    It 'need nothing newer than PowerShell 4' { foreach ($text in $own) { Find-New $text | Should -BeNullOrEmpty } }
    It 'use no command and no type but those that were thought about' { foreach ($text in $own) { Find-Banned $text | Should -BeNullOrEmpty } }
    It 'show a secret to .NET methods alone' { foreach ($text in $own) { Find-Secret $text | Should -BeNullOrEmpty } }
    It 'do touch password and PFX' { $own[0] | Should -Match '\.Import\(\$Order\.Pfx, \$Order\.Password, ' }

    It 'would not pass with what is new: <text>' -ForEach @(
        '$a ? 1 : 2', '$a ?? 1', '$a ??= 1', '${a}?.b', '${a}?[1]', '[int]::new()', 'class A {}', 'enum A { b }', 'using namespace System', 'Get-Item && Get-Item', 'Get-Item &'
    ) { Find-New $_ | Should -Not -BeNullOrEmpty }
    It 'would not pass with what is banned: <text>' -ForEach @(
        'Invoke-Expression 1', 'iex 1', 'Add-Type x', '& $x', '. ./x.ps1', '[Reflection.Assembly]::Load(1)', '$a.GetType()', 'New-Object Net.WebClient', 'ConvertFrom-Json x', '[ScriptBlock]::Create(1)', 'icacls.exe'
    ) { Find-Banned $_ | Should -Not -BeNullOrEmpty }
    It 'would not pass with a secret in sight: <text>' -ForEach @(
        'New-Object X $Order.Pfx', 'F ($Order.Password)', '$Order.Pfx | F', '"$($Order.Password)"', '$p = $Order.Password', 'return $Order.Pfx', 'throw $Order.Password', 'F $Order', '$Lines | F', '$x = $Lines.Current'
        'F $Lines', 'F { $Order.Pfx | G }', '$x = [Text.Encoding]::UTF8.GetString($Order.Pfx)', '$input | F', '$o = $Order'
    ) { Find-Secret $_ | Should -Not -BeNullOrEmpty }
}
