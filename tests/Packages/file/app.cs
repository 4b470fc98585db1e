#:package Samovar@SAMOVAR-VERSION
#:property PublishAot=false

using Samovar;

int number = 20;
int program = Environment.ProcessId;
await using var pool = new ProcessExecutor(new() { Workers = 1 });
Console.WriteLine($"{await pool.Submit(() => Environment.ProcessId == program ? 0 : 2 * number + 2)} from a file");
