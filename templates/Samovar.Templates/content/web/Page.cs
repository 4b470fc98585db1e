/// <summary>Renders the page: replace it with your work. It runs in a worker process.</summary>
internal static class Page
{
    public static string Render(int limit)
    {
        int primes = 0;
        for (int n = 2; n < limit; n++)
        {
            int divisor = 2;
            while ((long)divisor * divisor <= n && n % divisor != 0) divisor++;
            if ((long)divisor * divisor > n) primes++;
        }

        return $"""
            <!DOCTYPE html>
            <title>Primes</title>
            <h1>{primes} primes below {limit}</h1>
            <p>Rendered by process {Environment.ProcessId}.</p>
            """;
    }
}
