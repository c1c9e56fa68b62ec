# Runs on an Exchange server: looks at an auth certificate in the store LocalMachine\My, puts it there, proves that its
# key works, takes it away again. `authcert` sends the orders on standard input; docs/delivery.md tells how.
#
# An order is nine lines, each base64 ('-' is an empty one): operation, thumbprint, certificate, nonce, server, password,
# PFX, thumbprints that the directory names, closing word. Each whole order is answered by one line of ASCII,
# "authcert-1 {json}". An order without its closing word was cut on the way: nothing is done.
#
# PowerShell 4.0 to 5.1. Password and PFX are touched by .NET methods alone: the arguments and the pipeline of a command
# can be in the event log, those of a method are not. A property that fails reads as nothing in PowerShell, so where the
# reason matters its method get_...() is called.
param($Lines)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') { 'authcert-1 {"state":"constrained"}'; exit 1 }

$MARK = ' (authcert)'
$NETWORK_SERVICE = 'S-1-5-20'
$SERVICE = 'MSExchangeServiceHost'
$POOLS = 'MSExchangeOWAAppPool', 'MSExchangeECPAppPool'
$PROVIDER = 'Microsoft Enhanced RSA and AES Cryptographic Provider'
$PROVIDER_TYPE = 24
# NTE_BAD_KEYSET, NTE_NO_KEY, NTE_KEYSET_ENTRY_BAD, ERROR_INVALID_DATA; NTE_BAD_PROV_TYPE.
$KEY_GONE = 0x80090016, 0x8009000D, 0x8009001A, 0x8007000D
$KEY_IN_CNG = 0x80090014
# In milliseconds; together less than the two minutes that a caller waits.
$LIMITS = @{ Turn = 15000; Stop = 40000; Start = 30000; Recycle = 12000 }

# What is being done, for the sentence when it fails.
$Step = @{ Doing = '' }
# The order at work. Password and PFX are in here, and nowhere else.
$Order = @{}
# The answer to it, as it goes out.
$Answer = [ordered] @{}

#
# What touches Windows. Each is one call and no decision.
#

function Get-Computer {
    $own = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
    return ($own.HostName + '.' + $own.DomainName).TrimEnd('.')
}

function Open-Store([string] $How) {
    $Step.Doing = 'open the store LocalMachine\My'
    $store = New-Object Security.Cryptography.X509Certificates.X509Store('My', 'LocalMachine')
    $store.Open("OpenExistingOnly, $How")
    return $store
}

function Get-Entry {
    $store = Open-Store ReadOnly
    $Step.Doing = 'read the store LocalMachine\My'
    try { foreach ($entry in $store.Certificates.Find('FindByThumbprint', $Order.Thumbprint, $false)) { return $entry } }
    finally { $store.Close() }
}

function Add-Entry($Certificate) {
    $store = Open-Store ReadWrite
    $Step.Doing = 'add the certificate to the store LocalMachine\My'
    try { $store.Add($Certificate) } finally { $store.Close() }
}

function Remove-Entry($Certificate) {
    $store = Open-Store ReadWrite
    $Step.Doing = 'remove the certificate from the store LocalMachine\My'
    try { $store.Remove($Certificate) } finally { $store.Close() }
}

# No flag names a provider, so Windows takes the CSP that the PFX names. The key is on the disk from here on.
function Import-KeyPair {
    $Step.Doing = 'import the PFX'
    $certificate = New-Object Security.Cryptography.X509Certificates.X509Certificate2
    $certificate.Import($Order.Pfx, $Order.Password, 'MachineKeySet, PersistKeySet, Exportable')
    return $certificate
}

function Set-Mark($Certificate) {
    $Step.Doing = 'name the certificate'
    $Certificate.FriendlyName = $Certificate.FriendlyName + $MARK
}

# As Exchange opens it: the old property knows the keys of a CSP alone, and fails for others.
function Get-Key($Certificate) {
    $Step.Doing = 'open the private key'
    return $Certificate.get_PrivateKey()
}

function Get-CngKey($Certificate) {
    $Step.Doing = 'open the private key in CNG'
    return [Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPrivateKey($Certificate)
}

function Get-Container($Key) {
    $Step.Doing = 'ask the provider about the private key'
    $info = $Key.get_CspKeyContainerInfo()
    return @{ Provider = $info.get_ProviderName(); Type = $info.get_ProviderType(); Number = [int] $info.get_KeyNumber()
              Machine = $info.get_MachineKeyStore(); Exportable = $info.get_Exportable()
              Name = $info.get_UniqueKeyContainerName() }
}

function Remove-CspKey($Key) {
    $Step.Doing = 'remove the private key'
    $Key.PersistKeyInCsp = $false
    $Key.Clear()
}

function Remove-CngKey($Key) {
    $Step.Doing = 'remove the private key from CNG'
    $Key.get_Key().Delete()
}

function Get-KeyFile([string] $Name) {
    return [IO.Path]::Combine([Environment]::GetFolderPath('CommonApplicationData'), 'Microsoft\Crypto\RSA\MachineKeys', $Name)
}

function Get-KeyRules([string] $Name) {
    $Step.Doing = 'read who may read the private key'
    $access = [IO.File]::GetAccessControl((Get-KeyFile $Name), 'Access')
    return $access.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])
}

function Grant-Key([string] $Name) {
    $Step.Doing = 'let NETWORK SERVICE read the private key'
    $file = Get-KeyFile $Name
    $who = New-Object Security.Principal.SecurityIdentifier($NETWORK_SERVICE)
    $access = [IO.File]::GetAccessControl($file, 'Access')
    $access.PurgeAccessRules($who)
    $access.AddAccessRule((New-Object Security.AccessControl.FileSystemAccessRule($who, 'Read', 'Allow')))
    [IO.File]::SetAccessControl($file, $access)
}

function Test-Administrator {
    $me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
    return $me.IsInRole([Security.Principal.WindowsBuiltInRole] 'Administrator')
}

function Test-StoreWritable {
    (Open-Store ReadWrite).Close()
}

function Get-ProviderType {
    $path = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography\Defaults\Provider\' + $PROVIDER
    return [int] [Microsoft.Win32.Registry]::GetValue($path, 'Type', 0)
}

function Get-FreeMegabytes {
    $drive = New-Object IO.DriveInfo($env:SystemDrive)
    return [long] [Math]::Floor($drive.get_AvailableFreeSpace() / 1MB)
}

function Get-ServiceStatus {
    foreach ($service in @(Get-Service | Where-Object { $_.Name -eq $SERVICE })) { return ([string] $service.Status).ToLowerInvariant() }
    return 'absent'
}

function Stop-ExchangeService {
    $service = Get-Service -Name $SERVICE
    if ($service.Status -ne 'Stopped') { $service.Stop() }
    $service.WaitForStatus('Stopped', [TimeSpan]::FromMilliseconds($LIMITS.Stop))
}

function Start-ExchangeService {
    $service = Get-Service -Name $SERVICE
    if ($service.Status -ne 'Running') { $service.Start() }
    $service.WaitForStatus('Running', [TimeSpan]::FromMilliseconds($LIMITS.Start))
}

function Invoke-Recycle([string] $Pool) {
    $start = New-Object Diagnostics.ProcessStartInfo
    $start.FileName = [IO.Path]::Combine([Environment]::SystemDirectory, 'inetsrv\appcmd.exe')
    $start.Arguments = "recycle apppool /apppool.name:$Pool"
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    if (-not $process.WaitForExit($LIMITS.Recycle)) { $process.Kill(); throw 'appcmd.exe did not end in time' }
    if ($process.ExitCode -ne 0) { throw "appcmd.exe ended with $($process.ExitCode): $($process.StandardOutput.ReadToEnd())" }
}

#
# Words.
#

# The reason as a sentence: our own as it is, another's with what was being done.
function Get-Reason($Failure) {
    $cause = $Failure.Exception.GetBaseException()
    if ($cause -is [Management.Automation.RuntimeException]) { return $cause.Message }
    return 'could not ' + $Step.Doing + ': ' + $cause.Message
}

function ConvertTo-JsonText($Value, [int] $Most = 400) {
    if ($null -eq $Value) { return 'null' }
    if ($Value -is [bool]) { return ([string] $Value).ToLowerInvariant() }
    if ($Value -is [int] -or $Value -is [long]) { return $Value.ToString([Globalization.CultureInfo]::InvariantCulture) }
    if ($Value -is [Collections.IDictionary]) {
        $members = foreach ($key in $Value.Keys) { '"' + $key + '":' + (ConvertTo-JsonText $Value[$key] $(if ($key -ceq 'signature') { 2000 } else { 400 })) }
        return '{' + (@($members) -join ',') + '}'
    }
    if ($Value -is [array]) { return '[' + (@(foreach ($item in $Value) { ConvertTo-JsonText $item }) -join ',') + ']' }
    $text = New-Object Text.StringBuilder
    foreach ($character in ([string] $Value -replace '\s+', ' ').Trim().ToCharArray()) {
        $code = [int] $character
        $piece = [string] $character
        if ($code -lt 32 -or $code -gt 126 -or $code -eq 34 -or $code -eq 92) { $piece = '\u{0:x4}' -f $code }
        if ($text.Length + $piece.Length -gt $Most) { break }
        [void] $text.Append($piece)
    }
    return '"' + $text.ToString() + '"'
}

# What is known of no certificate yet.
function Reset-Finding {
    $fresh = @{ state = 'failed'; message = ''; changed = @(); provider = ''; type = 0; keyspec = 0; exportable = $false
        machine = $false; acl = $false; signature = '' }
    foreach ($key in $fresh.Keys) { $Answer[$key] = $fresh[$key] }
}

function Reset-Answer {
    $Answer.Clear()
    foreach ($key in 'operation', 'server', 'nonce', 'state', 'thumbprint', 'message', 'changed', 'provider', 'type', 'keyspec',
        'exportable', 'machine', 'acl', 'signature', 'computer', 'os', 'ps') { $Answer[$key] = '' }
    Reset-Finding
    $Answer.os = [Environment]::OSVersion.Version.ToString()
    $Answer.ps = $PSVersionTable.PSVersion.ToString()
    $Answer.host = $null
    $Answer.steps = $null
}

#
# What is right, and what is done.
#

# Whether NETWORK SERVICE itself is allowed to read, and not denied it. All and read have a generic form too.
function Test-Access($Rules) {
    $may = $false
    foreach ($rule in $Rules) {
        if ($rule.IdentityReference.Value -cne $NETWORK_SERVICE) { continue }
        $rights = [int] $rule.FileSystemRights
        if ([string] $rule.AccessControlType -ceq 'Deny') { if ($rights -band 0x1) { return $false } }
        elseif (($rights -band 0x20089) -eq 0x20089 -or ($rights -band 0x90000000)) { $may = $true }
    }
    return $may
}

# Fills in the answer for a certificate that may be nothing: its state, all but the signature. Returns the key where it is
# as it should be, and the name of its container also where NETWORK SERVICE may not read it.
function Test-Certificate($Certificate) {
    Reset-Finding
    $found = @{ Key = $null; Name = '' }
    if ($null -eq $Certificate) { $Answer.state = 'absent'; return $found }
    if ($null -ne $Order.Der -and (Test-Stranger $Certificate)) { throw 'another certificate has this thumbprint' }
    $Answer.state = 'no-key'
    $Answer.message = 'the certificate is there without its private key'
    if (-not $Certificate.HasPrivateKey) { return $found }
    try {
        $key = Get-Key $Certificate
        if ($null -eq $key) { return $found }
        $isCsp = $key -is [Security.Cryptography.RSACryptoServiceProvider]
        if ($isCsp) { $container = Get-Container $key }
    } catch {
        $code = $_.Exception.GetBaseException().HResult
        if ($KEY_GONE -contains $code) { $Answer.message = Get-Reason $_; return $found }
        if ($code -ne $KEY_IN_CNG) { throw }
        $isCsp = $false
    }
    $Answer.state = 'wrong-provider'
    $Answer.message = 'the key is not in a CSP but in CNG, where Exchange cannot use it'
    if (-not $isCsp) { return $found }
    $Answer.provider = $container.Provider
    $Answer.type = $container.Type
    $Answer.keyspec = $container.Number
    $Answer.machine = $container.Machine
    $Answer.exportable = $container.Exportable
    $Answer.message = "the key is in '$($container.Provider)', not in the machine's '$PROVIDER' for exchange"
    if ($container.Type -ne $PROVIDER_TYPE -or -not $container.Machine -or $container.Number -ne 1) { return $found }
    $Answer.state = 'not-exportable'
    $Answer.message = 'the key cannot be exported, so that the other servers do not get it from this one'
    if (-not $container.Exportable) { return $found }
    $found.Name = $container.Name
    $Answer.acl = Test-Access (Get-KeyRules $container.Name)
    $Answer.state = 'no-access'
    $Answer.message = 'NETWORK SERVICE may not read the key'
    if (-not $Answer.acl) { return $found }
    $Answer.state = 'present'
    $Answer.message = ''
    $found.Key = $key
    return $found
}

# Whether it is another than the one that was sent.
function Test-Stranger($Certificate) {
    return $Certificate.Thumbprint -ne $Order.Thumbprint -or
        [Convert]::ToBase64String($Certificate.RawData) -cne [Convert]::ToBase64String($Order.Der)
}

# Looks at what the store holds now, and signs with its key.
function Test-Entry {
    $found = Test-Certificate (Get-Entry)
    if ($Answer.state -cne 'present') { return $found }
    $Step.Doing = 'sign with the private key'
    $said = [Text.Encoding]::UTF8.GetBytes("authcert-proof-1`0$($Order.Operation)`0$($Order.Server)`0$($Order.Thumbprint)`0")
    $hash = New-Object Security.Cryptography.SHA256CryptoServiceProvider
    $Answer.signature = [Convert]::ToBase64String($found.Key.SignData([byte[]] ($said + $Order.Nonce), $hash))
    return $found
}

# Removes the key of a certificate from the disk, in whichever store of keys it is; one that is gone is fine.
function Remove-KeyPair($Certificate) {
    if (-not $Certificate.HasPrivateKey) { return }
    try {
        $key = Get-Key $Certificate
        if ($null -eq $key) { return }
        Remove-CspKey $key
    } catch {
        $code = $_.Exception.GetBaseException().HResult
        if ($KEY_GONE -contains $code) { return }
        if ($code -ne $KEY_IN_CNG) { throw }
        Remove-CngKey (Get-CngKey $Certificate)
    }
}

# Clears up. Returns nothing, or what is left behind and why, to be told.
function Clear-Remains([string] $What, [scriptblock] $Clear) {
    try { & $Clear } catch { return $What + ', ' + (Get-Reason $_) }
    return ''
}

# Imports the PFX in place of what the store holds, which may be nothing. After a failure the store is as before and the
# new key is off the disk.
function Install-KeyPair($Old) {
    $new = $null
    $added = $false
    $removed = $false
    try {
        $new = Import-KeyPair
        if (Test-Stranger $new) { throw "the PFX holds another certificate, $($new.Thumbprint)" }
        $found = Test-Certificate $new
        if ($Answer.state -ceq 'no-access') { Grant-Key $found.Name }
        elseif ($Answer.state -cne 'present') { throw "Windows did not import the key as it should: $($Answer.message)" }
        Set-Mark $new
        if ($null -ne $Old) { $removed = $true; Remove-Entry $Old }
        $added = $true
        Add-Entry $new
        [void] (Test-Entry)
        if ($Answer.state -cne 'present') { throw "it was imported and is not right in the store: $($Answer.state) $($Answer.message)" }
    } catch {
        $why = Get-Reason $_
        if ($added) { $why += Clear-Remains '. The certificate stayed in the store' { Remove-Entry $new } }
        if ($null -ne $new) { $why += Clear-Remains '. The new key stayed on the disk' { Remove-KeyPair $new } }
        if ($removed) { $why += Clear-Remains '. The old entry did not get back into the store' { Add-Entry $Old } }
        throw $why
    }
    $Answer.changed = @('imported')
    if ($null -eq $Old) { return }
    $Answer.changed = @('imported', 'replaced')
    $Answer.message = Clear-Remains 'all is well, but the old key stayed on the disk' { Remove-KeyPair $Old }
}

function Invoke-Import {
    $entry = Get-Entry
    $found = Test-Certificate $entry
    switch ($Answer.state) {
        'present' { [void] (Test-Entry); return }
        'no-access' {
            Grant-Key $found.Name
            [void] (Test-Entry)
            $Answer.changed = @('acl')
            return
        }
        'absent' { Install-KeyPair $null; return }
    }
    if ($Order.Operation -ceq 'repair') { Install-KeyPair $entry }
}

function Invoke-Forget {
    if ($Order.Named -ccontains $Order.Thumbprint) { throw 'the directory names this certificate: it stays' }
    $entry = Get-Entry
    if ($null -ne $entry) {
        if (Test-Stranger $entry) { throw 'another certificate has this thumbprint: it stays' }
        if (-not $entry.FriendlyName.EndsWith($MARK, 'Ordinal')) { throw 'authcert did not bring this certificate: it stays' }
        Remove-KeyPair $entry
        Remove-Entry $entry
        if ($null -ne (Get-Entry)) { throw 'the certificate is still in the store' }
        $Answer.changed = @('removed')
    }
    $Answer.state = 'removed'
}

function Invoke-Restart {
    $Step.Doing = "stop $SERVICE"
    $why = ''
    try { Stop-ExchangeService } catch { $why = Get-Reason $_ }
    $Step.Doing = "start $SERVICE"
    try { Start-ExchangeService } catch { $why = $why + ' ' + (Get-Reason $_) }
    if ($why) { return $why }
    return 'restarted'
}

# Only where the key was proved first: a server that lacks it would be refreshed into failing.
function Invoke-Refresh {
    [void] (Test-Entry)
    if ($Answer.state -cne 'present') { return }
    $Answer.steps = [ordered] @{ $SERVICE = Invoke-Restart }
    foreach ($pool in $POOLS) {
        $Step.Doing = "recycle $pool"
        try { Invoke-Recycle $pool; $Answer.steps[$pool] = 'recycled' } catch { $Answer.steps[$pool] = Get-Reason $_ }
    }
    $Answer.state = 'refreshed'
    foreach ($result in $Answer.steps.Values) {
        if ($result -cne 'restarted' -and $result -cne 'recycled') {
            $Answer.state = 'failed'
            $Answer.signature = ''
            $Answer.message = 'not everything could be refreshed'
        }
    }
}

# What a doctor asks of the server itself. Changes nothing.
function Get-HostFacts {
    $facts = [ordered] @{ language = [string] $ExecutionContext.SessionState.LanguageMode; administrator = $false; store = 'writable'
        provider = 0; free_mb = [long] -1; service = 'unknown' }
    try { $facts.administrator = [bool] (Test-Administrator) } catch { }
    try { Test-StoreWritable } catch { $facts.store = 'failed: ' + (Get-Reason $_) }
    try { $facts.provider = Get-ProviderType } catch { }
    try { $facts.free_mb = Get-FreeMegabytes } catch { }
    try { $facts.service = Get-ServiceStatus } catch { }
    return $facts
}

function Invoke-Look {
    $Answer.host = Get-HostFacts
    if ($Order.Thumbprint) { [void] (Test-Entry) } else { $Answer.state = 'ready' }
}

#
# Orders.
#

# Fills $Order with the next one, each item as bytes. False at the end of the orders, and when the last one was cut.
function Read-Order {
    $names = 'Operation', 'Thumbprint', 'Der', 'Nonce', 'Server', 'Password', 'Pfx', 'Named', 'Closing'
    $most = @{ Operation = 16; Thumbprint = 40; Der = 16384; Nonce = 32; Server = 255; Password = 128; Pfx = 65536; Named = 4096; Closing = 4 }
    $Order.Clear()
    $Order.Wrong = ''
    foreach ($name in $names) {
        if (-not $Lines.MoveNext()) { return $false }
        $Order[$name] = $null
        if ([string] $Lines.Current -ceq '-') { continue }
        try {
            if (([string] $Lines.Current).Length -gt 2 * $most[$name] + 4) { throw 'too long' }
            $Order[$name] = [Convert]::FromBase64String($Lines.Current)
            if ($Order[$name].Length -eq 0 -or $Order[$name].Length -gt $most[$name]) { throw 'empty, or too long' }
        } catch {
            $Order[$name] = $null
            $Order.Wrong = "the item $($name.ToLowerInvariant()) of the order is empty, too long, or no base64"
        }
    }
    return $true
}

# Bytes become text where they are text; the order must be one that can be carried out.
function Test-Order {
    foreach ($name in 'Operation', 'Thumbprint', 'Server', 'Password', 'Named', 'Closing') {
        if ($null -ne $Order[$name]) { $Order[$name] = [Text.Encoding]::UTF8.GetString($Order[$name]) }
    }
    $known = 'look', 'import', 'repair', 'refresh', 'forget'
    if ($known -ccontains $Order.Operation) { $Answer.operation = $Order.Operation }
    if ([string] $Order.Server -cmatch '\A[A-Za-z0-9][A-Za-z0-9._-]*\z') { $Answer.server = $Order.Server }
    if ($null -ne $Order.Nonce -and $Order.Nonce.Length -eq 32) { $Answer.nonce = [Convert]::ToBase64String($Order.Nonce) }
    if ([string] $Order.Thumbprint -cmatch '\A[0-9A-F]{40}\z') { $Answer.thumbprint = $Order.Thumbprint }

    if ($Order.Closing -cne 'done') { throw 'the order does not end with its closing word' }
    if ($Order.Wrong) { throw $Order.Wrong }
    if (-not $Answer.operation) { throw 'the order holds no operation that this script knows' }
    if (-not $Answer.server) { throw 'the order holds no name of a server' }
    if (-not $Answer.nonce) { throw 'the order holds no nonce of 32 bytes' }
    $writes = 'import', 'repair' -ccontains $Order.Operation
    if (-not $Answer.thumbprint -and ($Order.Operation -cne 'look' -or $null -ne $Order.Thumbprint)) { throw 'the order holds no thumbprint' }
    if ($null -eq $Order.Der -and ($writes -or $Order.Operation -ceq 'forget')) { throw 'the order holds no certificate' }
    if (($writes) -ne ($null -ne $Order.Pfx) -or ($writes) -ne ($null -ne $Order.Password)) { throw 'PFX and password belong to import and repair, and to nothing else' }
    $Order.Named = @(([string] $Order.Named).ToUpperInvariant() -split '[^0-9A-F]+')
    $own = Get-Computer
    $Answer.computer = $own
    if ($own -ine $Order.Server) { throw "this computer is $own, not the one that was asked for" }
}

# One at a time on this server: two imports of one certificate would leave a key that nobody finds.
function Enter-Turn {
    $Step.Doing = 'wait for a turn'
    $turn = New-Object Threading.Mutex($false, 'Global\authcert')
    try { if (-not $turn.WaitOne($LIMITS.Turn)) { throw 'another authcert is at work on this server: try again' } }
    catch { if ($_.Exception.GetBaseException() -isnot [Threading.AbandonedMutexException]) { throw } }
    return $turn
}

function Invoke-Order {
    Reset-Answer
    $turn = $null
    try {
        Test-Order
        if ($Order.Operation -cne 'look') { $turn = Enter-Turn }
        switch ($Order.Operation) {
            'look' { Invoke-Look }
            'refresh' { Invoke-Refresh }
            'forget' { Invoke-Forget }
            default { Invoke-Import }
        }
    } catch {
        Reset-Finding
        $Answer.message = Get-Reason $_
    } finally {
        if ($null -ne $turn) { $turn.ReleaseMutex() }
    }
}

# Returns the exit status: 0 when there were orders and none failed.
function Invoke-Orders {
    $orders = 0
    $failed = 0
    while (Read-Order) {
        $orders++
        Invoke-Order
        [Console]::Out.WriteLine('authcert-1 ' + (ConvertTo-JsonText $Answer))
        if ($Answer.state -ceq 'failed') { $failed++ }
    }
    return [int] ($orders -eq 0 -or $failed -gt 0)
}

# Started as a file it reads for itself, from a first line that says how the rest is meant.
if ($null -eq $Lines) {
    $Lines = $input
    if (-not $Lines.MoveNext() -or $Lines.Current -cne 'authcert-1') { exit 1 }
}
exit (Invoke-Orders)
