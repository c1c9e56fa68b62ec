# In place of what import.ps1 asks of Windows: a world of files in the folder $env:AUTHCERT_WORLD, for PowerShell on any system.
#
#   store/THUMBPRINT   an entry of LocalMachine\My: Der, FriendlyName, Container ("" without a private key)
#   keys/CONTAINER     a private key on the disk: Pem, Provider, Type, Number, Machine, Exportable, Cng, Rules
#   calls              the names of the functions that were called, one a line
#   fail               a number: the call with this number fails; a name: each call of it does, with Windows' number after it
#   import             members of keys/CONTAINER that an import gets otherwise than it should
#   computer           the computer's own name
$World = $env:AUTHCERT_WORLD

function Enter-Call([string] $Name) {
    [IO.File]::AppendAllText("$World/calls", "$Name`n")
    if (-not [IO.File]::Exists("$World/fail")) { return }
    $which, $code = ([IO.File]::ReadAllText("$World/fail").Trim() -split ' ') + '0x80070005'
    if ($which -ceq $Name -or $which -ceq [string] [IO.File]::ReadAllLines("$World/calls").Count) {
        throw [Security.Cryptography.CryptographicException]::new([int] $code)
    }
}

function Read-World([string] $Path) { return [IO.File]::ReadAllText("$World/$Path") | ConvertFrom-Json }
function Write-World([string] $Path, $Value) { [IO.File]::WriteAllText("$World/$Path", (ConvertTo-Json $Value -Depth 5)) }

function New-FakeCertificate([string] $Der, [string] $FriendlyName, [string] $Container) {
    $raw = [Convert]::FromBase64String($Der)
    return [pscustomobject] @{ Thumbprint = [Convert]::ToHexString([Security.Cryptography.SHA1]::HashData($raw)); RawData = $raw
        FriendlyName = $FriendlyName; HasPrivateKey = [bool] $Container; Container = $Container }
}

function Get-Computer { Enter-Call Get-Computer; return [IO.File]::ReadAllText("$World/computer").Trim() }

function Get-Entry {
    $Step.Doing = 'read the store LocalMachine\My'
    Enter-Call Get-Entry
    if (-not [IO.File]::Exists("$World/store/$($Order.Thumbprint)")) { return }
    $entry = Read-World "store/$($Order.Thumbprint)"
    return New-FakeCertificate $entry.Der $entry.FriendlyName $entry.Container
}

function Add-Entry($Certificate) {
    Enter-Call Add-Entry
    Write-World "store/$($Certificate.Thumbprint)" @{ Der = [Convert]::ToBase64String($Certificate.RawData)
        FriendlyName = $Certificate.FriendlyName; Container = $Certificate.Container }
}

function Remove-Entry($Certificate) {
    Enter-Call Remove-Entry
    [IO.File]::Delete("$World/store/$($Certificate.Thumbprint)")
}

function Import-KeyPair {
    $Step.Doing = 'import the PFX'
    Enter-Call Import-KeyPair
    $loaded = [Security.Cryptography.X509Certificates.X509CertificateLoader]::LoadPkcs12($Order.Pfx, $Order.Password, 'Exportable')
    $key = [Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPrivateKey($loaded)
    $container = [guid]::NewGuid().ToString()
    $made = @{ Pem = $key.ExportPkcs8PrivateKeyPem(); Provider = $PROVIDER; Type = 24; Number = 1; Machine = $true
        Exportable = $true; Cng = $false; Rules = @(@{ Sid = 'S-1-5-18'; Kind = 'Allow'; Rights = 0x1f01ff }) }
    if ([IO.File]::Exists("$World/import")) {
        foreach ($other in (Read-World import).psobject.Properties) { $made[$other.Name] = $other.Value }
    }
    Write-World "keys/$container" $made
    return New-FakeCertificate ([Convert]::ToBase64String($loaded.RawData)) 'Microsoft Exchange Server Auth Certificate - 1' $container
}

function Set-Mark($Certificate) {
    Enter-Call Set-Mark
    $Certificate.FriendlyName = $Certificate.FriendlyName + $MARK
}

function Open-Key($Certificate, [bool] $Cng) {
    if (-not [IO.File]::Exists("$World/keys/$($Certificate.Container)")) { throw [Security.Cryptography.CryptographicException]::new(0x80090016) }
    $kept = Read-World "keys/$($Certificate.Container)"
    if ($kept.Cng -ne $Cng) { throw [Security.Cryptography.CryptographicException]::new(0x80090014) }
    $key = [Security.Cryptography.RSACryptoServiceProvider]::new()
    $key.ImportFromPem($kept.Pem)
    return $key | Add-Member -NotePropertyName Container -NotePropertyValue $Certificate.Container -PassThru
}

function Get-Key($Certificate) { $Step.Doing = 'open the private key'; Enter-Call Get-Key; return Open-Key $Certificate $false }
function Get-CngKey($Certificate) { Enter-Call Get-CngKey; return Open-Key $Certificate $true }

function Get-Container($Key) {
    Enter-Call Get-Container
    $kept = Read-World "keys/$($Key.Container)"
    return @{ Provider = $kept.Provider; Type = [int] $kept.Type; Number = [int] $kept.Number; Machine = $kept.Machine
        Exportable = $kept.Exportable; Name = $Key.Container }
}

function Remove-CspKey($Key) { Enter-Call Remove-CspKey; [IO.File]::Delete("$World/keys/$($Key.Container)") }
function Remove-CngKey($Key) { Enter-Call Remove-CngKey; [IO.File]::Delete("$World/keys/$($Key.Container)") }

function Get-KeyRules([string] $Name) {
    Enter-Call Get-KeyRules
    foreach ($rule in (Read-World "keys/$Name").Rules) {
        [pscustomobject] @{ IdentityReference = [pscustomobject] @{ Value = $rule.Sid }; AccessControlType = $rule.Kind
            FileSystemRights = [int] $rule.Rights }
    }
}

function Grant-Key([string] $Name) {
    $Step.Doing = 'let NETWORK SERVICE read the private key'
    Enter-Call Grant-Key
    $kept = Read-World "keys/$Name"
    $kept.Rules = @($kept.Rules | Where-Object { $_.Sid -cne $NETWORK_SERVICE }) + @{ Sid = $NETWORK_SERVICE; Kind = 'Allow'; Rights = 0x120089 }
    Write-World "keys/$Name" $kept
}

function Test-Administrator { Enter-Call Test-Administrator; return $true }
function Test-StoreWritable { $Step.Doing = 'open the store LocalMachine\My'; Enter-Call Test-StoreWritable }
function Get-ProviderType { Enter-Call Get-ProviderType; return 24 }
function Get-FreeMegabytes { Enter-Call Get-FreeMegabytes; return [long] 51200 }
function Get-ServiceStatus { Enter-Call Get-ServiceStatus; return 'running' }
function Stop-ExchangeService { Enter-Call Stop-ExchangeService }
function Start-ExchangeService { Enter-Call Start-ExchangeService }
function Invoke-Recycle([string] $Pool) { Enter-Call "Invoke-Recycle:$Pool" }
