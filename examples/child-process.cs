#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

int limit = 200_000;
var child = ChildProcess.Start(() => Enumerable.Range(2, limit).Count(IsPrime));   // one function in one process of its own
Console.WriteLine($"process {child.Id} counts, process {Environment.ProcessId} waits");
Console.WriteLine($"{await child.JoinAsync()} primes, exit code {child.ExitCode}");

var endless = ChildProcess.Start(() => { while (true) { } });
endless.Kill();                                                                    // with everything it started
await endless.JoinAsync();
Console.WriteLine($"killed: exit code {endless.ExitCode}");                        // -9: the signal's number, negative

static bool IsPrime(int n) => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0);
