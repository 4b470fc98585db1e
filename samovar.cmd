@echo off
rem Builds what changed, in Release, and runs the command-line tool in the caller's folder with the caller's arguments.
rem The exit code is the tool's; 1 when the build fails, whose errors are then shown.
setlocal
set "DOTNET_NOLOGO=1"
where dotnet >nul 2>nul
if errorlevel 1 (
  echo samovar: no dotnet in PATH; install the .NET 10 SDK from https://dot.net 1>&2
  exit /b 1
)

rem From the root, so that its global.json chooses the SDK. A quiet build writes nothing but errors.
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
