public static class Lines
{
    public static int Length(string line) => line.Length;
}
