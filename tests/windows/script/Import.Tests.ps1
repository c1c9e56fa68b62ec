# Every branch of windows/import.ps1, with world.ps1 in place of what it asks of Windows.
BeforeAll {
    $root = (Resolve-Path "$PSScriptRoot/../../..").Path
    # As it stands but for its last line, which would end the tests, and what touches Windows.
    $text = [IO.File]::ReadAllText("$root/windows/import.ps1")
    $text.EndsWith("`nexit (Invoke-Orders)`n") | Should -BeTrue
    $whole = $text.Substring(0, $text.Length - "exit (Invoke-Orders)`n".Length) +
        [IO.File]::ReadAllText("$PSScriptRoot/world.ps1") + "`nInvoke-Orders`n"
    $script:import = [ScriptBlock]::Create($whole)

    function New-Pair([string] $name) {
        $key = [Security.Cryptography.RSA]::Create(2048)
        $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=$name", $key, [Security.Cryptography.HashAlgorithmName]::SHA256, [Security.Cryptography.RSASignaturePadding]::Pkcs1)
        $made = $request.CreateSelfSigned([DateTimeOffset]::UtcNow.AddDays(-1), [DateTimeOffset]::UtcNow.AddDays(30))
        return @{ Thumbprint = $made.Thumbprint; Der = $made.RawData; Pem = $key.ExportPkcs8PrivateKeyPem()
            Pfx = $made.Export('Pfx', 'correct horse'); Public = $made.PublicKey.GetRSAPublicKey() }
    }
    $script:pair = New-Pair 'Microsoft Exchange Server Auth Certificate'
    $script:other = New-Pair 'another'
    $script:nonce = [byte[]] (1..32)

    function ConvertTo-Line($value) {
        if ($null -eq $value -or $value.Length -eq 0) { return '-' }
        if ($value -is [string]) { $value = [Text.Encoding]::UTF8.GetBytes($value) }
        return [Convert]::ToBase64String([byte[]] $value)
    }

    # The nine lines of an order for our pair, with other items where they are given.
    function New-Order([string] $operation, [hashtable] $with = @{}) {
        $items = [ordered] @{ Operation = $operation; Thumbprint = $pair.Thumbprint; Der = $null; Nonce = $nonce; Server = 'ex1.contoso.test'
            Password = $null; Pfx = $null; Named = $null; Closing = 'done' }
        if ($operation -in 'import', 'repair') { $items.Der = $pair.Der; $items.Password = 'correct horse'; $items.Pfx = $pair.Pfx }
        if ($operation -eq 'forget') { $items.Der = $pair.Der }
        foreach ($name in $with.Keys) { $items[$name] = $with[$name] }
        return @($items.Values | ForEach-Object { ConvertTo-Line $_ })
    }

    # What the script answers to these lines: Said as it is, each of Answers read, Status.
    function Send([string[]] $lines) {
        $console = [Console]::Out
        $said = [IO.StringWriter]::new()
        [Console]::SetOut($said)
        try { $status = & $import ([Collections.ArrayList] $lines).GetEnumerator() } finally { [Console]::SetOut($console) }
        $answers = @($said.ToString() -split "`n" | Where-Object { $_ } | ForEach-Object {
            $_ | Should -Match '\Aauthcert-1 \{[\x20-\x7e]*\}\r?\z'
            $_.Length | Should -BeLessOrEqual 8192
            $_.Substring(11) | ConvertFrom-Json })
        return [pscustomobject] @{ Said = $said.ToString(); Answers = $answers; Status = $status }
    }

    # The one answer to one order.
    function Ask([string] $operation, [hashtable] $with = @{}) {
        $done = Send (New-Order $operation $with)
        $done.Answers.Count | Should -Be 1
        $done.Status | Should -Be ([int] ($done.Answers[0].state -eq 'failed'))
        $done.Said | Should -Not -Match 'correct horse'
        return $done.Answers[0]
    }

    function Test-Proof($answer, $server = 'ex1.contoso.test') {
        $said = [Text.Encoding]::UTF8.GetBytes("authcert-proof-1`0$($answer.operation)`0$server`0$($answer.thumbprint)`0") + $nonce
        return $answer.signature -and $pair.Public.VerifyData($said, [Convert]::FromBase64String($answer.signature), [Security.Cryptography.HashAlgorithmName]::SHA256, [Security.Cryptography.RSASignaturePadding]::Pkcs1)
    }

    # A name of the old key, and everything that the world holds but the list of calls.
    $script:old = 'old'
    function New-World {
        $path = Join-Path $TestDrive ([guid]::NewGuid())
        foreach ($folder in 'store', 'keys') { [void] (New-Item -ItemType Directory -Path "$path/$folder") }
        [IO.File]::WriteAllText("$path/computer", "EX1.contoso.test`n")
        [IO.File]::WriteAllText("$path/calls", '')
        $env:AUTHCERT_WORLD = $path
    }
    function Get-World {
        $files = Get-ChildItem -File -Recurse "$env:AUTHCERT_WORLD/store", "$env:AUTHCERT_WORLD/keys" | Sort-Object FullName
        return ($files | ForEach-Object { "$($_.Name): $([IO.File]::ReadAllText($_.FullName))" }) -join "`n"
    }
    function Get-Keys { return @(Get-ChildItem "$env:AUTHCERT_WORLD/keys" | ForEach-Object Name) }
    function Get-Calls { return @([IO.File]::ReadAllLines("$env:AUTHCERT_WORLD/calls")) }
    function Set-Failure([string] $what) {
        [IO.File]::WriteAllText("$env:AUTHCERT_WORLD/calls", '')
        [IO.File]::WriteAllText("$env:AUTHCERT_WORLD/fail", $what)
    }
    # What is in the store beforehand: good, but for what is given. Without a key where there is no container.
    function Set-Entry([hashtable] $with = @{}, [string] $container = $old, [string] $name = 'Auth (authcert)') {
        $key = @{ Pem = $pair.Pem; Provider = 'Microsoft Enhanced RSA and AES Cryptographic Provider'; Type = 24; Number = 1; Machine = $true
            Exportable = $true; Cng = $false; Rules = @(@{ Sid = 'S-1-5-20'; Kind = 'Allow'; Rights = 0x120089 }) }
        foreach ($member in $with.Keys) { $key[$member] = $with[$member] }
        if ($container -and -not $with.Gone) { [IO.File]::WriteAllText("$env:AUTHCERT_WORLD/keys/$container", (ConvertTo-Json $key -Depth 5)) }
        [IO.File]::WriteAllText("$env:AUTHCERT_WORLD/store/$($pair.Thumbprint)",
            (ConvertTo-Json @{ Der = [Convert]::ToBase64String($pair.Der); FriendlyName = $name; Container = $container }))
    }
}

Describe 'import.ps1' {
    BeforeEach { New-World }

    Context 'look' {
        It 'proves a good key' {
            Set-Entry
            $before = Get-World
            $answer = Ask look
            $answer.state | Should -Be present
            Test-Proof $answer | Should -BeTrue
            $answer.message | Should -Be ''
            $answer.type | Should -Be 24
            $answer.acl, $answer.machine, $answer.exportable | Should -Be $true, $true, $true
            Get-World | Should -Be $before
        }
        It 'has all members in their order' {
            (Ask look).psobject.Properties.Name -join ' ' | Should -Be ('operation server nonce state thumbprint message changed ' +
                'provider type keyspec exportable machine acl signature computer os ps host steps')
        }
        It 'says what is wrong, and import leaves it alone, and repair mends it: <what>' -ForEach @(
            @{ what = 'no private key'; with = @{}; container = ''; state = 'no-key' }
            @{ what = 'its container is gone'; with = @{ Gone = $true }; container = 'old'; state = 'no-key' }
            @{ what = 'in CNG'; with = @{ Cng = $true }; container = 'old'; state = 'wrong-provider' }
            @{ what = 'a provider that cannot sign SHA-256'; with = @{ Type = 1 }; container = 'old'; state = 'wrong-provider' }
            @{ what = 'a key of a user'; with = @{ Machine = $false }; container = 'old'; state = 'wrong-provider' }
            @{ what = 'a key for signatures'; with = @{ Number = 2 }; container = 'old'; state = 'wrong-provider' }
            @{ what = 'not exportable'; with = @{ Exportable = $false }; container = 'old'; state = 'not-exportable' }
        ) {
            Set-Entry $with $container
            $before = Get-World
            foreach ($operation in 'look', 'import', 'refresh') {
                $answer = Ask $operation
                $answer.state | Should -Be $state
                $answer.signature | Should -Be ''
                $answer.message | Should -Not -Be ''
                $answer.changed | Should -BeNullOrEmpty
                Get-World | Should -Be $before
            }
            $answer = Ask repair
            $answer.state | Should -Be present
            Test-Proof $answer | Should -BeTrue
            $answer.changed | Should -Be imported, replaced
            $answer.message | Should -Be ''
            (Get-Keys).Count | Should -Be 1
            Get-Keys | Should -Not -Contain $old
        }
        It 'says who may not read: <what>' -ForEach @(
            @{ what = 'nobody is named'; rules = @() }
            @{ what = 'another is'; rules = @(@{ Sid = 'S-1-5-19'; Kind = 'Allow'; Rights = 0x120089 }) }
            @{ what = 'it is denied'; rules = @(@{ Sid = 'S-1-5-20'; Kind = 'Allow'; Rights = 0x120089 }, @{ Sid = 'S-1-5-20'; Kind = 'Deny'; Rights = 0x1 }) }
            @{ what = 'only the attributes'; rules = @(@{ Sid = 'S-1-5-20'; Kind = 'Allow'; Rights = 0x80 }) }
        ) {
            Set-Entry @{ Rules = $rules }
            $answer = Ask look
            $answer.state | Should -Be no-access
            $answer.signature | Should -Be ''
            $answer = Ask import
            $answer.state | Should -Be present
            $answer.changed | Should -Be acl
            Test-Proof $answer | Should -BeTrue
            Get-Keys | Should -Be $old
        }
        It 'knows the generic rights <rights>' -ForEach @(@{ rights = 0x10000000 }, @{ rights = -2147483648 }, @{ rights = 0x1f01ff }) {
            Set-Entry @{ Rules = @(@{ Sid = 'S-1-5-20'; Kind = 'Allow'; Rights = $rights }) }
            (Ask look).state | Should -Be present
        }
        It 'takes what it could not ask for unknown, never for absent: <call>' -ForEach @(
            @{ call = 'Get-Entry' }, @{ call = 'Get-Key' }, @{ call = 'Get-Container' }, @{ call = 'Get-KeyRules' }, @{ call = 'Get-Computer' }
        ) {
            Set-Entry
            Set-Failure $call
            $before = Get-World
            foreach ($operation in 'look', 'import', 'repair', 'refresh', 'forget') {
                if ($operation -eq 'forget' -and $call -in 'Get-Container', 'Get-KeyRules') { continue }  # it asks neither
                $answer = Ask $operation
                $answer.state | Should -Be failed
                $answer.signature | Should -Be ''
                $answer.message | Should -Match 'could not'
                Get-World | Should -Be $before
            }
        }
        It 'knows another certificate of the same thumbprint' {
            Set-Entry
            $answer = Ask look @{ Der = $other.Der }
            $answer.state | Should -Be failed
            $answer.signature | Should -Be ''
        }
        It 'tells about the computer without a certificate' {
            $answer = Ask look @{ Thumbprint = '' }
            $answer.state | Should -Be ready
            $answer.host.psobject.Properties.Name -join ' ' | Should -Be 'language administrator store provider free_mb service'
            $answer.host.language, $answer.host.administrator, $answer.host.store | Should -Be FullLanguage, $true, writable
            $answer.host.provider, $answer.host.free_mb, $answer.host.service | Should -Be 24, 51200, running
            $answer.computer | Should -Be EX1.contoso.test
        }
        It 'tells the rest when one of them fails: <call>' -ForEach @(
            @{ call = 'Test-Administrator'; name = 'administrator'; value = $false }, @{ call = 'Test-StoreWritable'; name = 'store'; value = 'failed: *' }
            @{ call = 'Get-ProviderType'; name = 'provider'; value = 0 }, @{ call = 'Get-FreeMegabytes'; name = 'free_mb'; value = -1 }
            @{ call = 'Get-ServiceStatus'; name = 'service'; value = 'unknown' }
        ) {
            Set-Entry
            Set-Failure $call
            $answer = Ask look
            $answer.state | Should -Be present
            $answer.host.$name | Should -BeLike $value
        }
    }

    Context 'import' {
        It 'imports, marks, lets NETWORK SERVICE read and proves with <operation>' -ForEach @(@{ operation = 'import' }, @{ operation = 'repair' }) {
            $answer = Ask $operation
            $answer.state | Should -Be present
            $answer.changed | Should -Be imported
            Test-Proof $answer | Should -BeTrue
            (Get-Keys).Count | Should -Be 1
            (Get-Content -Raw "$env:AUTHCERT_WORLD/store/$($pair.Thumbprint)" | ConvertFrom-Json).FriendlyName |
                Should -Be 'Microsoft Exchange Server Auth Certificate - 1 (authcert)'
        }
        It 'changes nothing the second time' {
            [void] (Ask import)
            $before = Get-World
            $answer = Ask import
            $answer.state | Should -Be present
            $answer.changed | Should -BeNullOrEmpty
            Test-Proof $answer | Should -BeTrue
            Get-World | Should -Be $before
        }
        It 'leaves no key and no entry when any one call fails' {
            [void] (Ask import)
            $calls = (Get-Calls).Count
            $calls | Should -BeGreaterThan 8
            foreach ($call in 1..$calls) {
                New-World
                Set-Failure $call
                $answer = Ask import
                $answer.state | Should -Be failed -Because "call $call failed"
                $answer.signature | Should -Be ''
                $answer.changed | Should -BeNullOrEmpty
                Get-World | Should -Be '' -Because "call $call failed"
            }
        }
        It 'leaves the old entry and its key when any one call of a repair fails: <what>' -ForEach @(
            @{ what = 'CNG'; with = @{ Cng = $true } }, @{ what = 'not exportable'; with = @{ Exportable = $false } }, @{ what = 'gone'; with = @{ Gone = $true } }
        ) {
            Set-Entry $with
            [void] (Ask repair)
            $calls = Get-Calls
            foreach ($call in 1..$calls.Count) {
                New-World
                Set-Entry $with
                $before = Get-World
                Set-Failure $call
                $answer = Ask repair
                if ($answer.state -eq 'present') {
                    # Only the last step is left over: the old key.
                    $answer.message | Should -Match 'the old key stayed on the disk, could not'
                    Test-Proof $answer | Should -BeTrue
                    $answer.changed | Should -Be imported, replaced
                } else {
                    $answer.state | Should -Be failed -Because "call $call failed"
                    Get-World | Should -Be $before -Because "call $call, $($calls[$call - 1]), failed"
                }
            }
        }
        It 'says what it could not clear up' {
            [IO.File]::WriteAllText("$env:AUTHCERT_WORLD/import", '{"Type":1}')
            Set-Failure Remove-CspKey
            $answer = Ask import
            $answer.state | Should -Be failed
            $answer.message | Should -Match 'The new key stayed on the disk, could not'
        }
        It 'takes away again what Windows did not import as it should: <other>' -ForEach @(
            @{ other = '{"Cng":true}' }, @{ other = '{"Type":1}' }, @{ other = '{"Machine":false}' }, @{ other = '{"Exportable":false}' }, @{ other = '{"Number":2}' }
        ) {
            [IO.File]::WriteAllText("$env:AUTHCERT_WORLD/import", $other)
            $answer = Ask import
            $answer.state | Should -Be failed
            $answer.message | Should -Match 'Windows did not import the key as it should'
            Get-World | Should -Be ''
        }
        It 'imports nothing that was not asked for: <what>' -ForEach @(
            @{ what = 'another PFX' }, @{ what = 'another DER' }, @{ what = 'another password' }, @{ what = 'no PFX' }
        ) {
            $with = switch ($what) {
                'another PFX' { @{ Pfx = $other.Pfx } }
                'another DER' { @{ Der = $other.Der } }
                'another password' { @{ Password = 'wrong' } }
                'no PFX' { @{ Pfx = [byte[]] (65, 66) } }
            }
            $answer = Ask import $with
            $answer.state | Should -Be failed
            Get-World | Should -Be ''
        }
    }

    Context 'forget' {
        It 'removes the entry and its key' {
            Set-Entry
            $answer = Ask forget @{ Named = $other.Thumbprint }
            $answer.state | Should -Be removed
            $answer.changed | Should -Be removed
            Get-World | Should -Be ''
            $answer = Ask forget
            $answer.state | Should -Be removed
            $answer.changed | Should -BeNullOrEmpty
        }
        It 'removes a key in CNG, and an entry whose key is gone' {
            Set-Entry @{ Cng = $true }
            (Ask forget).state | Should -Be removed
            Get-World | Should -Be ''
            Set-Entry @{ Gone = $true }
            (Ask forget).state | Should -Be removed
            Set-Entry @{} ''
            (Ask forget).state | Should -Be removed
            Get-World | Should -Be ''
        }
        It 'leaves alone <what>' -ForEach @(@{ what = 'what the directory names' }, @{ what = 'what authcert did not bring' }, @{ what = 'another certificate' }) {
            $name = 'Auth (authcert)'
            $with = @{}
            switch ($what) {
                'what the directory names' { $with = @{ Named = "$($other.Thumbprint) $($pair.Thumbprint)" } }
                'what authcert did not bring' { $name = 'Microsoft Exchange Server Auth Certificate' }
                'another certificate' { $with = @{ Der = $other.Der } }
            }
            Set-Entry @{} $old $name
            $before = Get-World
            $answer = Ask forget $with
            $answer.state | Should -Be failed
            $answer.message | Should -Match 'it stays'
            Get-World | Should -Be $before
        }
        It 'keeps the entry when its key could not be removed, so that it can be tried again' {
            Set-Entry
            Set-Failure Remove-CspKey
            $before = Get-World
            (Ask forget).state | Should -Be failed
            Get-World | Should -Be $before
        }
    }

    Context 'refresh' {
        It 'proves the key, restarts and recycles' {
            Set-Entry
            $answer = Ask refresh
            $answer.state | Should -Be refreshed
            Test-Proof $answer | Should -BeTrue
            $answer.steps.MSExchangeServiceHost, $answer.steps.MSExchangeOWAAppPool, $answer.steps.MSExchangeECPAppPool |
                Should -Be restarted, recycled, recycled
            (Get-Calls)[-4..-1] | Should -Be Stop-ExchangeService, Start-ExchangeService, Invoke-Recycle:MSExchangeOWAAppPool, Invoke-Recycle:MSExchangeECPAppPool
        }
        It 'does the others, and starts the service, when one fails: <call>' -ForEach @(
            @{ call = 'Stop-ExchangeService'; step = 'MSExchangeServiceHost' }, @{ call = 'Start-ExchangeService'; step = 'MSExchangeServiceHost' }
            @{ call = 'Invoke-Recycle:MSExchangeOWAAppPool'; step = 'MSExchangeOWAAppPool' }, @{ call = 'Invoke-Recycle:MSExchangeECPAppPool'; step = 'MSExchangeECPAppPool' }
        ) {
            Set-Entry
            Set-Failure $call
            $answer = Ask refresh
            $answer.state | Should -Be failed
            $answer.signature | Should -Be ''
            (Get-Calls)[-4..-1] | Should -Be Stop-ExchangeService, Start-ExchangeService, Invoke-Recycle:MSExchangeOWAAppPool, Invoke-Recycle:MSExchangeECPAppPool
            foreach ($name in $answer.steps.psobject.Properties.Name) {
                $answer.steps.$name | Should -BeLike ($name -eq $step ? 'could not*' : 're*ed')
            }
        }
        It 'touches nothing where the key is not there' {
            (Ask refresh).state | Should -Be absent
            (Ask refresh).steps | Should -BeNullOrEmpty
            Get-Calls | Should -Not -Contain Stop-ExchangeService
        }
    }

    Context 'orders' {
        It 'does nothing when the stream ends before the closing word, whatever the line' {
            $lines = New-Order import
            foreach ($count in 0..8) {
                $done = Send @($lines | Select-Object -First $count)
                $done.Said | Should -Be ''
                $done.Status | Should -Be 1
                Get-Calls | Should -BeNullOrEmpty
            }
        }
        It 'does the whole ones when a later one is cut' {
            $done = Send ((New-Order look) + @(New-Order import | Select-Object -First 8))
            $done.Answers.state | Should -Be absent
            Get-World | Should -Be ''
        }
        It 'answers several in their order' {
            Set-Entry
            $done = Send ((New-Order look) + (New-Order look @{ Thumbprint = $other.Thumbprint }) + (New-Order bad) + (New-Order look))
            $done.Answers.state | Should -Be present, absent, failed, present
            $done.Answers.thumbprint | Should -Be $pair.Thumbprint, $other.Thumbprint, $pair.Thumbprint, $pair.Thumbprint
            $done.Status | Should -Be 1
        }
        It 'refuses <what>' -ForEach @(
            @{ what = 'an unknown operation'; with = @{ Operation = 'Import' } }
            @{ what = 'no operation'; with = @{ Operation = '' } }
            @{ what = 'a long operation'; with = @{ Operation = 'import' * 10 } }
            @{ what = 'a thumbprint in small letters'; with = @{ Thumbprint = 'a' * 40 } }
            @{ what = 'a path for a thumbprint'; with = @{ Thumbprint = '../../../../../../../../etc/passwd/aaaaaaaa' } }
            @{ what = 'a thumbprint with a line end'; with = @{ Thumbprint = ('A' * 39) + "`n" } }
            @{ what = 'no thumbprint'; with = @{ Thumbprint = '' } }
            @{ what = 'no certificate'; with = @{ Der = '' } }
            @{ what = 'a big certificate'; with = @{ Der = 'A' * 16385 } }
            @{ what = 'a short nonce'; with = @{ Nonce = [byte[]] (1..31) } }
            @{ what = 'a long nonce'; with = @{ Nonce = [byte[]] (1..33) } }
            @{ what = 'no nonce'; with = @{ Nonce = '' } }
            @{ what = 'another server'; with = @{ Server = 'ex2.contoso.test' } }
            @{ what = 'a server in another domain'; with = @{ Server = 'ex1.fabrikam.test' } }
            @{ what = 'the short name'; with = @{ Server = 'ex1' } }
            @{ what = 'no server'; with = @{ Server = '' } }
            @{ what = 'a server with a line end'; with = @{ Server = "ex1.contoso.test`n" } }
            @{ what = 'a server that is code'; with = @{ Server = '$(1+1)"}' } }
            @{ what = 'no password'; with = @{ Password = '' } }
            @{ what = 'a long password'; with = @{ Password = 'p' * 129 } }
            @{ what = 'no PFX'; with = @{ Pfx = '' } }
            @{ what = 'a big PFX'; with = @{ Pfx = 'x' * 65537 } }
            @{ what = 'a closing word of its own'; with = @{ Closing = 'exit' } }
            @{ what = 'bytes that are no text'; with = @{ Server = [byte[]] (0xff, 0xfe, 0x00) } }
        ) {
            $answer = Ask import $with
            $answer.state | Should -Be failed
            $answer.message | Should -Not -Be ''
            $answer.signature | Should -Be ''
            Get-World | Should -Be ''
        }
        It 'refuses a PFX for <operation>' -ForEach @(@{ operation = 'look' }, @{ operation = 'refresh' }, @{ operation = 'forget' }) {
            (Ask $operation @{ Pfx = $pair.Pfx; Password = 'correct horse' }).state | Should -Be failed
        }
        It 'refuses a line that is no base64: <line>' -ForEach @(@{ line = '' }, @{ line = '*' }, @{ line = 'aW1wb3J' }, @{ line = 'x' * 100000 }) {
            foreach ($at in 0..8) {
                $lines = New-Order import
                $lines[$at] = $line
                $done = Send $lines
                $done.Answers.Count | Should -Be 1
                $done.Answers[0].state | Should -Be failed
                Get-World | Should -Be ''
            }
        }
        It 'signs the name as it was asked, in whatever case' {
            Set-Entry
            $answer = Ask look @{ Server = 'EX1.Contoso.TEST' }
            $answer.server | Should -BeExactly EX1.Contoso.TEST
            Test-Proof $answer EX1.Contoso.TEST | Should -BeTrue
            Test-Proof $answer | Should -BeFalse
        }
        It 'tells hostile names in printable ASCII' {
            [IO.File]::WriteAllText("$env:AUTHCERT_WORLD/computer", "`u{e4}`"\`e[31m`n" + ('"' * 1000))
            $answer = Ask look
            $answer.state | Should -Be failed
            $answer.message | Should -Match 'this computer is'
            $answer.message | Should -Match ([char] 0xe4)
            $answer.computer.Length | Should -BeLessOrEqual 400
        }
        It 'waits for its turn, and not for ever' {
            $held = [Threading.Mutex]::new($false, 'Global\authcert')
            $has = [Threading.ManualResetEventSlim]::new()
            $end = [Threading.ManualResetEventSlim]::new()
            $holder = [PowerShell]::Create().AddScript({ param($held, $has, $end) [void] $held.WaitOne(); $has.Set(); $end.Wait(); $held.ReleaseMutex() })
            $running = $holder.AddArgument($held).AddArgument($has).AddArgument($end).BeginInvoke()
            $has.Wait()
            try {
                $short = [ScriptBlock]::Create($import.ToString().Replace('Turn = 15000', 'Turn = 100'))
                $short.ToString() | Should -Not -Be $import.ToString()
                $kept = $import
                $script:import = $short
                try { $answer = Ask import } finally { $script:import = $kept }
                $answer.state | Should -Be failed
                $answer.message | Should -Match 'another authcert is at work'
                Get-World | Should -Be ''
                (Ask look).state | Should -Be absent
            } finally { $end.Set(); [void] $holder.EndInvoke($running); $holder.Dispose(); $held.Dispose() }
            (Ask import).state | Should -Be present
        }
    }
}
