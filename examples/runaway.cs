#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

await using var pool = new ProcessExecutor(new() { Workers = 1 });

var endless = pool.Submit(() => { while (true) { } }, new() { Timeout = TimeSpan.FromSeconds(1) });
try
{
    await endless;
}
catch (TaskTimeoutException error)
{
    Console.WriteLine(error.Message);
}

Console.WriteLine($"and the pool still works: {await pool.Submit(() => 6 * 7)}");
