#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// One thread waits for a line, another computes squares meanwhile. Type, or pipe: echo tea | dotnet run 02-input-reader.cs

using Samovar;

await using var executor = new ThreadExecutor(new() { Name = "reader", Workers = 1 });

if (!Console.IsInputRedirected) Console.WriteLine("Enter any text and press enter:");
var line = executor.Submit(Console.In.ReadLine);

ulong count = 1, result = 1;
do
{
    result = count * count;
    count++;
}
while (!line.IsCompleted);

Console.WriteLine($"calculated squares up to {count - 1:N0} * {count - 1:N0} = {result:N0}");
Console.WriteLine(await line is { } text ? $"while you typed '{text}'" : "while nothing was there to be read");
