@echo off
rem Builds the command-line tool in Release if its sources have changed, and runs it in the current folder with the given arguments.
rem The exit code is the tool's. If the build fails, prints the errors and exits with code 1.
setlocal
set "DOTNET_NOLOGO=1"
where dotnet >nul 2>nul
if errorlevel 1 (
  echo samovar: no dotnet in PATH; install the .NET 10 SDK from https://dot.net 1>&2
  exit /b 1
)

rem Run in the root, so that its global.json selects the SDK. A quiet build writes only errors.
pushd "%~dp0"
dotnet build "src\Samovar.Cli\Samovar.Cli.csproj" -c Release -v quiet -nodeReuse:false -clp:NoSummary 1>&2
if errorlevel 1 (
  popd
  echo samovar: the build failed 1>&2
  exit /b 1
)
popd

dotnet "%~dp0artifacts\bin\Samovar.Cli\release\Samovar.Cli.dll" %*
exit /b %ERRORLEVEL%
